-- Definitions that are hard to carry, for MariaDB 10.11 and later. Loaded by tests/40-schema.bats.
SET NAMES utf8mb4;
SET sql_mode = 'ALLOW_INVALID_DATES';
CREATE DATABASE mtorture CHARACTER SET utf8mb4 COLLATE utf8mb4_uca1400_ai_ci COMMENT 'a ''database''';
USE mtorture;

CREATE TABLE types (
  id bigint unsigned NOT NULL AUTO_INCREMENT COMMENT 'it''s "the" `key`; /* no comment */',
  i1 tinyint DEFAULT -128, i4 int DEFAULT (1 + 1), i4z int(6) unsigned zerofill,
  d decimal(65,30) DEFAULT 1.5, f float DEFAULT 1e-3, b1 bit(1) DEFAULT b'1', y year DEFAULT 2000,
  dt datetime(3) DEFAULT current_timestamp(3) ON UPDATE current_timestamp(3), dt2 datetime DEFAULT now(6),
  ts timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(), da date DEFAULT curdate(),
  c char(10) CHARACTER SET latin1 COLLATE latin1_german1_ci DEFAULT 'ß', v varchar(200) DEFAULT concat('a''b', ' COMMENT ', uuid()),
  tx text DEFAULT 'text''s default' COMMENT 'c', bl blob DEFAULT x'00ff', g point DEFAULT NULL,
  e varchar(20) DEFAULT '😀', en enum('a','😀','?','d''e') DEFAULT '😀', st set('😀','b'),
  j json DEFAULT '{}', j2 longtext CHECK (json_valid(`j2`) and `i1` < 100),
  gv int AS (i4 * 2) VIRTUAL, gs varchar(300) AS (concat(v, 'PERSISTENT')) PERSISTENT,
  inv int INVISIBLE DEFAULT 7, inv2 int NOT NULL INVISIBLE DEFAULT 0, comp longtext COMPRESSED, nv int WITHOUT SYSTEM VERSIONING,
  np varchar(10) COLLATE utf8mb4_uca1400_nopad_as_cs, nb varchar(10) COLLATE utf8mb4_nopad_bin, m3 varchar(10) CHARACTER SET utf8mb3,
  PRIMARY KEY (id), KEY ign (i4) IGNORED, KEY dsc (i1 DESC, v(10)), CHECK (i1 > -200), CONSTRAINT named CHECK (i4 < 100)
) ENGINE=InnoDB PAGE_COMPRESSED=1 PAGE_COMPRESSION_LEVEL=6 COMMENT='t ENGINE=x';
CREATE TABLE aria (a int NOT NULL, n int NOT NULL AUTO_INCREMENT, t text, PRIMARY KEY (n), FULLTEXT KEY t (t), CONSTRAINT named CHECK (a < 100), CHECK (a > 0)) ENGINE=Aria TRANSACTIONAL=1 PAGE_CHECKSUM=1;
CREATE TABLE parts (id int NOT NULL, d date NOT NULL, PRIMARY KEY (id, d)) PARTITION BY RANGE COLUMNS (d) (PARTITION p0 VALUES LESS THAN ('2020-01-01'), PARTITION p1 VALUES LESS THAN (MAXVALUE));
CREATE TABLE parent (id int NOT NULL PRIMARY KEY, u varchar(20) CHARACTER SET ascii NOT NULL, UNIQUE KEY u (u));
CREATE TABLE child (id int NOT NULL PRIMARY KEY, p int, u varchar(20) CHARACTER SET ascii, CONSTRAINT fp FOREIGN KEY (p) REFERENCES parent (id) ON DELETE CASCADE, CONSTRAINT fu FOREIGN KEY (u) REFERENCES parent (u) ON UPDATE SET NULL);
CREATE TABLE nopk (a int NOT NULL, b int NOT NULL, c int, UNIQUE KEY ab (a, b), UNIQUE KEY b (b), KEY c (c));
CREATE VIEW v_b AS SELECT id, tx COLLATE utf8mb4_uca1400_ai_ci AS t FROM types;
CREATE VIEW v_a AS SELECT v_b.id, current_timestamp() AS now FROM v_b JOIN child ON child.id = v_b.id;

-- What MySQL has not, each to be refused by name.
CREATE DATABASE mrefused CHARACTER SET utf8mb4;
CREATE TABLE mrefused.uuids (id uuid NOT NULL DEFAULT uuid() PRIMARY KEY, i4 inet4, i6 inet6 DEFAULT '::1', u uuid, KEY i6 (i6));
CREATE TABLE mrefused.long_unique (id int PRIMARY KEY, t text, UNIQUE KEY t (t));
CREATE TABLE mrefused.thai (id int PRIMARY KEY, t varchar(10) COLLATE utf8mb4_thai_520_w2);
CREATE DATABASE msequence;
CREATE SEQUENCE msequence.seq;
CREATE TABLE msequence.versioned (id int PRIMARY KEY) WITH SYSTEM VERSIONING;
CREATE TABLE msequence.plain (id int NOT NULL DEFAULT NEXTVAL(msequence.seq) PRIMARY KEY);
