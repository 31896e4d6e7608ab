-- Definitions that are hard to carry, for MySQL 8 and later. Loaded by tests/40-schema.bats.
SET NAMES utf8mb4;
SET sql_mode = 'ALLOW_INVALID_DATES';
SET foreign_key_checks = 0;
CREATE DATABASE torture CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_as_cs;
CREATE DATABASE `other ``db` CHARACTER SET latin1;
USE torture;

CREATE TABLE types (
  id bigint unsigned NOT NULL AUTO_INCREMENT COMMENT 'it''s "the" `key`; -- not a comment /* nor this */',
  i1 tinyint DEFAULT '-128', i1u tinyint unsigned, i1b tinyint(1) DEFAULT '1', i2 smallint, i3 mediumint, i4 int DEFAULT '0', i4z int(6) unsigned zerofill,
  d decimal(65,30) DEFAULT '1.500000000000000000000000000000', f float, f2 float(7,3), db double, b1 bit(1) DEFAULT b'1', b64 bit(64),
  y year DEFAULT '2000', da date DEFAULT '0000-00-00', ti time(6), dt datetime(3) DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  ts timestamp NULL DEFAULT NULL, ts2 timestamp(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  c char(10) CHARACTER SET latin1 COLLATE latin1_german1_ci DEFAULT 'gr\\oß', v varchar(200) DEFAULT 'a''b"c`d\\e,f)g', e varchar(20) DEFAULT '😀',
  tx text, lt longtext CHARACTER SET ascii, bi binary(16) DEFAULT '\0', vb varbinary(20), bl blob, ml mediumblob,
  en enum('a','b''c','d,e','(f','g\\h','','ß','😀','?') DEFAULT '😀', st4 set('😀','ü'), st set('x','y','z ') CHARACTER SET latin1 DEFAULT 'x,y',
  j json DEFAULT (json_array(1, 'two', 'th)ree')), ex varchar(36) DEFAULT (uuid()), g geometry /*!80003 SRID 4326 */, po point NOT NULL /*!80003 SRID 0 */, gc geometrycollection,
  gv int GENERATED ALWAYS AS ((i4 * 2)) VIRTUAL, gs varchar(300) GENERATED ALWAYS AS (concat(v, ' key ', 'foreign key')) STORED NOT NULL,
  inv int INVISIBLE DEFAULT '7',
  PRIMARY KEY (id)
) AUTO_INCREMENT=4242 COMMENT='table; with ''quotes'' and ENGINE=MyISAM) in it';

CREATE TABLE `keys` (
  a int NOT NULL, b varchar(100), c text, d int, j json, p point NOT NULL SRID 0, f1 text, e varchar(50) CHARACTER SET ascii,
  `primary` int, `key` int, `unique` int, `constraint` varchar(10) CHARACTER SET utf8mb4, `check` int, `foreign` int, `fulltext` text, `index` int,
  PRIMARY KEY (a DESC),
  UNIQUE KEY `u` (b),
  UNIQUE KEY `u pre` (c(17), d DESC),
  KEY `key` (`key`), KEY `unique` (`unique` DESC, `primary`), KEY `check` (`check`) USING BTREE COMMENT 'a ''comment'', with ) and (', KEY `constraint` (`constraint`(3)), KEY `foreign key` (`foreign`),
  KEY `inv` (`index`) INVISIBLE,
  KEY `mv` ((cast(j->'$.ids' as unsigned array))),
  FULLTEXT KEY `ft` (f1, `fulltext`), FULLTEXT KEY `ng` (f1) WITH PARSER ngram,
  SPATIAL KEY `sp` (p),
  CONSTRAINT `chk ) KEY (` CHECK ((`check` > 0) and (`constraint` <> 'KEY `x` (`y`)')),
  CONSTRAINT `off` CHECK ((`d` < 10)) NOT ENFORCED,
  CHECK ((`a` <> 5))
) CHARSET=latin1;

CREATE TABLE `parent` (id int NOT NULL, code varchar(10) NOT NULL, other int, PRIMARY KEY (id), UNIQUE KEY code (code), KEY o (other));
CREATE TABLE `child` (
  id int NOT NULL AUTO_INCREMENT, p int, code varchar(10), self int, ext int,
  PRIMARY KEY (id), KEY `pi` (p),
  CONSTRAINT `c1` FOREIGN KEY (p) REFERENCES parent (id) ON DELETE CASCADE ON UPDATE SET NULL,
  CONSTRAINT `c2 ``x``` FOREIGN KEY (code) REFERENCES parent (code) ON DELETE NO ACTION,
  CONSTRAINT `self` FOREIGN KEY (self) REFERENCES child (id),
  CONSTRAINT `ext` FOREIGN KEY (ext) REFERENCES `other ``db`.`t` (id) ON DELETE RESTRICT
);
CREATE TABLE `other ``db`.`t` (id int NOT NULL PRIMARY KEY, back int, KEY (back), CONSTRAINT `fk` FOREIGN KEY (back) REFERENCES torture.child (id)) COLLATE=latin1_bin;

CREATE TABLE ai_second (a int NOT NULL, n bigint NOT NULL AUTO_INCREMENT, x int, PRIMARY KEY (a, n), KEY x (x), UNIQUE KEY n (n, x)) ENGINE=InnoDB;
CREATE TABLE ai_nonpk (a int NOT NULL, n int NOT NULL AUTO_INCREMENT, x int, PRIMARY KEY (a), KEY x (x), KEY nn (n), KEY y (x, a));
CREATE TABLE nopk_uk (a int NOT NULL, b varchar(30) NOT NULL, c int, UNIQUE KEY wide (b), UNIQUE KEY narrow (a), KEY c (c));
CREATE TABLE nopk_nullable (a int, UNIQUE KEY a (a));
CREATE TABLE nokey (a int, b text);
CREATE TABLE str_pk (k varchar(50) NOT NULL, v int, PRIMARY KEY (k), KEY v (v));
CREATE TABLE gen_idx (id int PRIMARY KEY, j json, name varchar(50) GENERATED ALWAYS AS (j->>'$.name') STORED, u int GENERATED ALWAYS AS (id + 1) VIRTUAL, UNIQUE KEY u (u), KEY name (name));

CREATE TABLE part_range (id int NOT NULL, d date NOT NULL, v int, PRIMARY KEY (id, d), KEY v (v), UNIQUE KEY dv (d, v)) PARTITION BY RANGE (to_days(d)) (PARTITION p0 VALUES LESS THAN (736695) COMMENT = 'old ) KEY', PARTITION `p max` VALUES LESS THAN MAXVALUE);
CREATE TABLE part_hash (id int NOT NULL PRIMARY KEY, v int, KEY v (v)) PARTITION BY HASH (id) PARTITIONS 4;
CREATE TABLE part_list (id int, k varchar(10) NOT NULL, PRIMARY KEY (id, k)) PARTITION BY LIST COLUMNS (k) SUBPARTITION BY KEY (id) SUBPARTITIONS 2 (PARTITION a VALUES IN ('x', 'it''s, )'), PARTITION b VALUES IN ('y'));

CREATE TABLE options (id int PRIMARY KEY, t text, KEY t (t(10))) ROW_FORMAT=COMPRESSED KEY_BLOCK_SIZE=8 STATS_PERSISTENT=1 COMMENT='x';
CREATE TABLE my_isam (id int NOT NULL AUTO_INCREMENT, g int NOT NULL, v text, PRIMARY KEY (g, id), FULLTEXT KEY v (v)) ENGINE=MyISAM;
CREATE TABLE `we``ird
name é` (
 `col``umn` int NOT NULL, `new
line` int, `paren ) KEY (` int, `/* c */` varchar(10) DEFAULT '/* ' COMMENT ' */ -- ', `-- x` int, `#` int, `;` int,
 PRIMARY KEY (`col``umn`), KEY `k``ey` (`new
line`), KEY `paren ) , KEY (` (`paren ) KEY (`), KEY `/* c */` (`/* c */`), KEY `;` (`;`, `#`)
);
CREATE TABLE `select` (`from` int PRIMARY KEY, `where` int, KEY `order` (`where`));
SET sql_generate_invisible_primary_key = ON;
CREATE TABLE gipk (a int, KEY a (a));
SET sql_generate_invisible_primary_key = OFF;

SET NAMES latin1;
CREATE VIEW latin AS SELECT '�' AS c;
SET NAMES utf8mb4;
CREATE VIEW z_base AS SELECT id, p FROM child WHERE p IS NOT NULL;
CREATE VIEW a_second AS SELECT z.id, 'z_none' AS lit FROM z_base z;
CREATE ALGORITHM=MERGE SQL SECURITY INVOKER VIEW `m third` AS SELECT s.id FROM a_second s JOIN `other ``db`.t ON t.id = s.id WITH CASCADED CHECK OPTION;
CREATE DEFINER=`nobody`@`nowhere` VIEW `b emoji` AS SELECT '😀;' AS e, `we``ird
name é`.`#` FROM `we``ird
name é`;
CREATE VIEW `other ``db`.ov AS SELECT a.id FROM torture.a_second a;

DELIMITER ;;
CREATE FUNCTION twice(x int) RETURNS int DETERMINISTIC RETURN x * 2;;
CREATE FUNCTION quad(x int) RETURNS int DETERMINISTIC RETURN twice(twice(x));;
CREATE VIEW fview AS SELECT quad(id) AS q FROM child;;
SET sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT';;
CREATE DEFINER=`nobody`@`nowhere` PROCEDURE `pro;c`(OUT r text)
BEGIN
  -- ; a comment
  SELECT "id" || ';' INTO r FROM "child" LIMIT 1;
END;;
SET sql_mode = '';;
CREATE TRIGGER t1 BEFORE INSERT ON child FOR EACH ROW BEGIN SET NEW.p = NEW.p; END;;
CREATE TRIGGER t2 BEFORE INSERT ON child FOR EACH ROW PRECEDES t1 SET NEW.p = NEW.p;;
CREATE TRIGGER t3 AFTER DELETE ON parent FOR EACH ROW SET @x = ';';;
CREATE EVENT ev ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' ON COMPLETION PRESERVE DISABLE COMMENT 'c;' DO BEGIN DELETE FROM nokey; END;;
DELIMITER ;

-- What MariaDB 10.11 has not, each to be refused by name.
CREATE DATABASE refused;
CREATE TABLE refused.vectors (id int PRIMARY KEY, v vector(3));
CREATE TABLE refused.gen_pk (a int, b int GENERATED ALWAYS AS (a + 1) STORED NOT NULL, PRIMARY KEY (b), KEY a (a));
CREATE TABLE refused.fun (id int PRIMARY KEY, e varchar(50), d int, UNIQUE KEY `u(fun` ((lower(`e`)), ((`d` + 1)) DESC));
CREATE TABLE refused.inv (a int, b int NOT NULL INVISIBLE);
