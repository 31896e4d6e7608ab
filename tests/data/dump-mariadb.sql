-- What MariaDB alone has.
CREATE DATABASE own CHARACTER SET utf8mb4;
USE own;
CREATE TABLE k_uuid (k UUID PRIMARY KEY, v INT);
INSERT INTO k_uuid SELECT CONCAT_WS('-', LEFT(SHA1(i), 8), MID(SHA1(i), 9, 4), CONCAT('4', MID(SHA1(i), 13, 3)), CONCAT('8', MID(SHA1(i), 17, 3)), MID(SHA1(i), 20, 12)), i FROM ranges.seq;
CREATE TABLE k_inet (k INET6 PRIMARY KEY, v INT);
INSERT INTO k_inet SELECT CONCAT('2001:db8::', HEX(i % 61), ':', HEX(i)), i FROM ranges.seq;
INSERT INTO k_inet VALUES ('::', -1), ('::ffff:192.0.2.1', -2), ('ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', -3);
CREATE TABLE docs (id INT PRIMARY KEY, j JSON);
INSERT INTO docs VALUES (1, '{"a": 1.10}'), (2, NULL);
CREATE TABLE hidden (id INT PRIMARY KEY, h INT INVISIBLE DEFAULT 7, v INT);
INSERT INTO hidden (id, v) VALUES (1, 2);
