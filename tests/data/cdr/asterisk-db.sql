-- a dump
CREATE TABLE `cdr` (
  `calldate` datetime NOT NULL,
  `src` varchar(80),
  `dst` varchar(80),
  `lastdata` varchar(80),
  `duration` int,
  `billsec` int,
  `disposition` varchar(45),
  `uniqueid` varchar(32),
  `userfield` varchar(255)
) ENGINE=InnoDB;
INSERT INTO `cdr` VALUES ('2026-11-20 09:20:07','13125550349','12135551603','PJSIP/12135551603@carrier-a,30',20,0,'NO ANSWER','1795166406.2',NULL),('2026-11-20 09:20:08','13125550349','12135550486','PJSIP/12135550486@carrier-a,30',2,0,'BUSY','1795166406.3',NULL),('2026-11-20 09:20:09','13125550349','12135550200','PJSIP/12135550200@carrier-a,30',49,43,'ANSWERED','1795166406.4',NULL);
