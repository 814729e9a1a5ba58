COPY public.acc (id, method, from_tag, to_tag, callid, sip_code, sip_reason, "time", src_user, dst_user) FROM stdin;
1	INVITE	f6	u6	kam-6@192.0.2.1	403	Forbidden	2026-11-20 09:20:06	+13125550349	+12135550403
2	BYE	f7	u7	kam-7@192.0.2.1	200	OK	2026-11-20 09:20:09	\N	\N
\.
