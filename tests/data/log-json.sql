-- Documents that binary JSON makes hard, and changes of parts of them, in database j.
SET NAMES utf8mb4; SET time_zone='+00:00'; SET sql_mode='';
CREATE DATABASE j CHARACTER SET utf8mb4; USE j;
CREATE TABLE a (id INT PRIMARY KEY AUTO_INCREMENT, j JSON, k JSON);
INSERT INTO a (j) VALUES (JSON_ARRAY(1.0e0, 100e0, 1e14+0e0, 123456789012345e0, 1234567890123456e0, -0e0, 1e22, 1e-10, 1.5)),
 (JSON_OBJECT('d', CAST(1.10 AS DECIMAL(10,2)), 'big', 12345678901234567890.123456789, 'neg', CAST(-0.001 AS DECIMAL(5,3)), 'z', CAST(0 AS DECIMAL(5,0)))),
 (JSON_OBJECT('dt', CAST('2024-02-29 12:34:56.789' AS DATETIME(6)), 'd', CAST('0001-01-01' AS DATE), 't', CAST('-838:59:59.5' AS TIME(6)), 't2', CAST('00:00:00.000001' AS TIME(6)), 'ts', TIMESTAMP'1999-01-01 00:00:00', 'y', CAST('9999-12-31' AS DATE), 'zero', CAST('0000-00-00 00:00:00' AS DATETIME))),
 (JSON_ARRAY(b'101', X'00FF', CAST('binary text' AS BINARY), CAST(REPEAT('x',57) AS BINARY), CAST(REPEAT('y',58) AS BINARY), CAST(REPEAT('z',300) AS BINARY), ST_GeomFromText('POINT(1 2)'))),
 (JSON_ARRAY(CONCAT(CHAR(0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15 USING utf8mb4), CHAR(16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,127 USING utf8mb4), '"\\/é🙂\u2028'))),
 ('[9223372036854775807,-9223372036854775808,18446744073709551615,32767,32768,-32768,-32769,65535,65536,2147483647,2147483648,-2147483648,4294967295,4294967296]'),
 ('{"": "", "a": {}, "aa": [], "b": null, "ab": true, "c": false, "\\"q\\"": "x", "k.l": 1, "🙂": 2, "é": 3}'),
 (CONCAT('[', REPEAT('[',98), '1', REPEAT(']',98), ']')),
 (CAST(CONCAT('{"k":"', REPEAT('a',70000), '","m":[', REPEAT('1,',40000),'2]}') AS JSON)),
 (JSON_ARRAY(NULL,TRUE,FALSE)), ('"str"'), ('5'), ('-1.5e-300'), ('null'), ('true'), (JSON_QUOTE(REPEAT('é',200))),
 (JSON_ARRAY(CAST(JSON_OBJECT('e',YEAR(NOW())) AS JSON), 1 = 1)),
 (CAST(CAST(2020 AS YEAR) AS JSON)), (CAST(1e15 AS JSON)), (JSON_ARRAY(CAST(99999999999999999999999999999999999999999999999999999999999999999 AS DECIMAL(65,0)), CAST(0.000000000000000000000000000001 AS DECIMAL(65,30))));
INSERT INTO a (j,k) SELECT j, j FROM a;
UPDATE a SET k = JSON_SET('{"a":1}', '$.b', id), j=NULL WHERE id % 3 = 0;
SET binlog_row_value_options=PARTIAL_JSON;
CREATE TABLE p (id INT PRIMARY KEY, a JSON, n INT, b JSON, c JSON, t TEXT);
INSERT INTO p VALUES (1,'{"a": {"b": [1,2,{"c": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}]}, "k.l": [1,2,3,4,5,6,7], "🙂": "smile", "q\\"q": {"z": 1}, "": {"e": 1}}',1,'[1,2,3,"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",[5,6]]',NULL,'text'),
 (2,NULL,2,'{"x": "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"}','[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30]',NULL),
 (3,'{"a":1}',3,NULL,NULL,NULL);
UPDATE p SET a=JSON_SET(a,'$.a.b[2].c','short') WHERE id=1;
UPDATE p SET a=JSON_SET(a,'$.a.b[2].d',CAST('{"new": [1, 2.50, null]}' AS JSON)) WHERE id=1;
UPDATE p SET a=JSON_REMOVE(a,'$.a.b[0]') WHERE id=1;
UPDATE p SET a=JSON_SET(a,'$."k.l"[3]',JSON_ARRAY(1)), b=JSON_REPLACE(b,'$[4][0]','five') WHERE id=1;
UPDATE p SET a=JSON_SET(a,'$."🙂"','x', '$."q\\"q".z', 'y', '$."".e', 3, '$."".f', 4) WHERE id=1;
UPDATE p SET b=JSON_SET(b,'$.x','z'), c=JSON_REMOVE(c,'$[last]','$[0]') WHERE id=2;
UPDATE p SET b=JSON_SET(b,'$[5]','append'), n=n+1 WHERE id=1;
UPDATE p SET b=JSON_SET(b,'$[last]','replaced'), n=n+1 WHERE id=1;
UPDATE p SET c=JSON_SET(c,'$[0]',CAST(1.10 AS DECIMAL(5,2)),'$[1]',CAST('2020-01-01' AS DATE)), t='y' WHERE id=2;
UPDATE p SET a=JSON_SET(a,'$.zz',1), b=JSON_SET(b,'$.zz',2), c=JSON_SET(c,'$.zz',3);
UPDATE p SET a=JSON_SET(a,'$',JSON_ARRAY(1,2,3)) WHERE id=1;
UPDATE p SET a=JSON_SET(a,'$[0]',7) WHERE id=1;
UPDATE p SET a=JSON_REPLACE(a,'$[0]',7) WHERE id=1;
UPDATE p SET id=id+10, a=JSON_SET(a,'$[1]','x') WHERE id=1;
DELETE FROM p WHERE id=3;
INSERT INTO p VALUES (50,'{"s": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "o": {"a": 1}, "arr": [], "n": [[[1]]]}',1,'"yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"','[[1,2],[3,4],{"k":[5,6,7]}]','t');
UPDATE p SET a=JSON_SET(a,'$.s[0]','s0') WHERE id=50;
UPDATE p SET a=JSON_SET(a,'$.s[last]','s1') WHERE id=50;
UPDATE p SET a=JSON_SET(a,'$.s[1]','wrapped') WHERE id=50;
UPDATE p SET a=JSON_SET(a,'$.o[0].a','o0') WHERE id=50;
UPDATE p SET a=JSON_SET(a,'$.o[last][0].b','o1') WHERE id=50;
UPDATE p SET a=JSON_SET(a,'$.arr[0]',1,'$.arr[5]',2,'$.arr[last]',3) WHERE id=50;
UPDATE p SET a=JSON_REMOVE(a,'$.n[last][last][last]') WHERE id=50;
UPDATE p SET c=JSON_REMOVE(c,'$[last-1][last-1]'), a=JSON_REMOVE(a,'$.o[0].a') WHERE id=50;
UPDATE p SET c=JSON_SET(c,'$[last].k[last-2]','last-2') WHERE id=50;
UPDATE p SET b=JSON_SET(b,'$[0]','z') WHERE id=50;
UPDATE p SET b=JSON_SET(b,'$[last]','zz') WHERE id=50;
UPDATE p SET b=JSON_SET(b,'$[3]','appended') WHERE id=50;
UPDATE p SET a=JSON_REPLACE(a,'$.s','q"uote','$."a b"',1), a=JSON_SET(a, '$."a b\\"c\\\\d\\u0007"', 2, '$.$x', 3, '$._y', 4, '$."1z"', 5, '$.ünï', 6) WHERE id=50;
UPDATE p SET a=JSON_SET(a, '$."a b\\"c\\\\d\\u0007"', 'x', '$.$x', 'y', '$._y', 'z', '$."1z"', 'u', '$.ünï', 'v') WHERE id=50;
UPDATE p SET a=JSON_REMOVE(a, '$."a b\\"c\\\\d\\u0007"', '$.$x', '$._y', '$."1z"', '$.ünï') WHERE id=50;
