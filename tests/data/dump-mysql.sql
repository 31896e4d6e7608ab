-- What MySQL alone has.
CREATE DATABASE own CHARACTER SET utf8mb4;
USE own;
CREATE TABLE docs (id INT PRIMARY KEY, j JSON);
INSERT INTO docs VALUES
  (1, '{"a": 1.1, "b": [1, 2.5e300, -0.0, 18446744073709551615], "c": "é🙂\\u0000 1.10"}'),
  (2, NULL),
  (3, JSON_OBJECT('a', CAST(1.10 AS DECIMAL(5,2)))),
  (4, 'null');
CREATE TABLE k_0900 (k VARCHAR(60) COLLATE utf8mb4_0900_ai_ci PRIMARY KEY, v INT);
INSERT IGNORE INTO k_0900 SELECT CONCAT(ELT(1 + i % 6, 'a', 'B', 'é', 'Z', '🙂', '日'), LEFT(SHA2(i, 256), 32), IF(i % 2, '', ' ')), i FROM ranges.seq;
CREATE TABLE k_de (k VARCHAR(60) COLLATE utf8mb4_de_pb_0900_as_cs PRIMARY KEY, v INT);
INSERT INTO k_de SELECT CONCAT(ELT(1 + i % 4, 'ä', 'ß', 'SS', 'Ä'), LEFT(SHA2(i, 256), 32)), i FROM ranges.seq;
CREATE TABLE hidden (id INT PRIMARY KEY, h INT INVISIBLE DEFAULT 7, v INT);
INSERT INTO hidden (id, v) VALUES (1, 2);
SET SESSION sql_generate_invisible_primary_key = ON;
CREATE TABLE gipk (v INT);
INSERT INTO gipk VALUES (5), (6);
CREATE TABLE descending (id INT, v INT, PRIMARY KEY (id DESC));
INSERT INTO descending SELECT i, i FROM ranges.seq;
CREATE TABLE unseen (u INT NOT NULL, v INT NOT NULL, UNIQUE KEY a (v, u), UNIQUE KEY u (u) INVISIBLE);
INSERT INTO unseen SELECT i, i FROM ranges.seq;
