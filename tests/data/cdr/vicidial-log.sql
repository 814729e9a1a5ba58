DROP TABLE IF EXISTS `vicidial_log`;
CREATE TABLE `vicidial_log` (
  `uniqueid` varchar(20) DEFAULT NULL,
  `lead_id` varchar(20) DEFAULT NULL,
  `list_id` varchar(20) DEFAULT NULL,
  `campaign_id` varchar(20) DEFAULT NULL,
  `call_date` varchar(20) DEFAULT NULL,
  `start_epoch` varchar(20) DEFAULT NULL,
  `end_epoch` varchar(20) DEFAULT NULL,
  `length_in_sec` varchar(20) DEFAULT NULL,
  `status` varchar(20) DEFAULT NULL,
  `phone_code` varchar(20) DEFAULT NULL,
  `phone_number` varchar(20) DEFAULT NULL,
  `user` varchar(20) DEFAULT NULL,
  `comments` varchar(20) DEFAULT NULL,
  `processed` varchar(20) DEFAULT NULL,
  `user_group` varchar(20) DEFAULT NULL,
  `term_reason` varchar(20) DEFAULT NULL,
  `alt_dial` varchar(20) DEFAULT NULL,
  PRIMARY KEY (`uniqueid`)
) ENGINE=MyISAM;
INSERT INTO `vicidial_log` VALUES ('1795166406.1',101,998,'SPRING','2026-11-20 09:20:06',1795166406,1795166410,43,'SALE',1,2135550200,6001,'AUTO','N','','AGENT','NONE'),('1795166406.2',102,998,'SPRING','2026-11-20 09:20:07',1795166407,1795166411,4,'AB',1,2135550486,'VDAD','AUTO','N','','NONE','NONE'),('1795166406.3',103,998,'SPRING','2026-11-20 09:20:08',1795166408,1795166412,4,'NA',1,2135550480,'VDAD','AUTO','N','','NONE','NONE');
