-- Programs that change every table of database `torture` by INSERT, by UPDATE of each column, key
-- columns too, and by DELETE; they live in `kept`, another copy of the same tables, and take their
-- values from it, or make them of what is there. Statements that fail are left out; those that fail
-- for another reason than keys, NULL, checks or range are printed. make-torture --changes calls them.

USE kept;
SET NAMES utf8mb4; SET time_zone='+00:00'; SET sql_mode='NO_AUTO_VALUE_ON_ZERO,NO_UNSIGNED_SUBTRACTION';
SET group_concat_max_len=1000000;

-- vals: what to select for list; servers copy ENUM and SET by their text, where an empty member is none
CREATE TABLE tabs (n INT AUTO_INCREMENT PRIMARY KEY, tab VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, list MEDIUMTEXT, vals MEDIUMTEXT);
INSERT INTO tabs (tab, list, vals) SELECT CONCAT('`', REPLACE(table_name,'`','``'), '`'),
  GROUP_CONCAT('`', REPLACE(column_name,'`','``'), '`' ORDER BY ordinal_position),
  GROUP_CONCAT(IF(data_type IN ('enum','set'),'CAST(',''), '`', REPLACE(column_name,'`','``'), '`',
    IF(data_type IN ('enum','set'),' AS UNSIGNED)','') ORDER BY ordinal_position)
  FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
  WHERE table_schema='kept' AND table_type='BASE TABLE' AND table_name NOT IN ('tabs','cols')
  AND extra NOT LIKE '%VIRTUAL GENERATED%' AND extra NOT LIKE '%STORED GENERATED%' GROUP BY table_name ORDER BY HEX(table_name);
-- of a wide table twelve columns are enough
CREATE TABLE cols (n INT AUTO_INCREMENT PRIMARY KEY, tab VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, col VARCHAR(200), type VARCHAR(40), nullable BOOL);
INSERT INTO cols (tab, col, type, nullable) SELECT tab, CONCAT('`', REPLACE(column_name,'`','``'), '`'),
  IF(table_name='computed', 'as it is', data_type), is_nullable='YES' -- v of computed must stay in range
  FROM information_schema.columns c JOIN tabs ON tab=CONCAT('`', REPLACE(table_name,'`','``'), '`')
  WHERE table_schema='kept' AND extra NOT LIKE '%VIRTUAL GENERATED%' AND extra NOT LIKE '%STORED GENERATED%'
  AND ordinal_position<=12 ORDER BY HEX(table_name), ordinal_position;

DELIMITER //

-- An expression for a value made of the one that a column has.
CREATE FUNCTION other(col VARCHAR(200), type VARCHAR(40), seed INT) RETURNS VARCHAR(400) DETERMINISTIC NO SQL
RETURN REPLACE(CASE
  WHEN type='json' THEN ELT(1+seed%5, 'JSON_SET(@,''$.n'',12)', 'JSON_SET(@,''$.added'',JSON_ARRAY(1,''é🙂'',0.1))',
    'JSON_REMOVE(@,''$.a[0]'')', 'JSON_ARRAY_APPEND(@,''$'',REPEAT(''long '',30))', 'JSON_REPLACE(@,''$.a[0]'',-1,''$.n'',''5'')')
  WHEN type REGEXP 'int$' AND type<>'point' AND type NOT LIKE 'multip%' OR type='year' THEN ELT(1+seed%4, '@+1', '@-1', '0-@', '@*2+3')
  WHEN type IN ('decimal','float','double') THEN ELT(1+seed%4, '-@', '@/3', '@+1', '@*1.1')
  WHEN type='bit' THEN ELT(1+seed%2, '@^1', '@>>1')
  WHEN type IN ('enum','set') THEN ELT(1+seed%3, '@+1', '1', '@')
  WHEN type='timestamp' THEN ELT(1+seed%2, '@ + INTERVAL 1 MICROSECOND', 'LEAST(@,''2038-01-19 02:14:07'') + INTERVAL 1 HOUR') -- below its least value and above its greatest servers differ
  WHEN type IN ('date','datetime') THEN ELT(1+seed%3, '@ + INTERVAL 1 DAY', '@ - INTERVAL 1 MICROSECOND', '@ + INTERVAL 1 SECOND')
  WHEN type='time' THEN ELT(1+seed%2, 'SEC_TO_TIME(TIME_TO_SEC(@)/2)', 'TIMEDIFF(''00:00:00'',@)')
  WHEN type LIKE '%blob' OR type LIKE '%binary' THEN ELT(1+seed%3, 'CONCAT(@,X''00'')', 'CONCAT(X''FF'',@)', 'LEFT(@,1)')
  WHEN type LIKE '%text' OR type LIKE '%char' THEN ELT(1+seed%5, 'CONCAT(@,''x'')', 'UPPER(@)', 'LOWER(@)', 'REVERSE(@)', 'CONCAT(@,'' '')')
  ELSE '@' END, '@', col)//

CREATE PROCEDURE try(statement MEDIUMTEXT)
BEGIN
  DECLARE number, last INT;
  DECLARE CONTINUE HANDLER FOR SQLEXCEPTION BEGIN
    GET DIAGNOSTICS last=NUMBER; -- warnings come first
    GET DIAGNOSTICS CONDITION last number=MYSQL_ERRNO;
    SET @failed=@failed+1;
    IF number NOT IN (1048,1062,1264,1451,1452,1690,3819,4025,4038) THEN SELECT number, statement; END IF;
  END;
  SET @statement=statement;
  PREPARE s FROM @statement;
  EXECUTE s;
  SET @done=@done+1;
END//

-- Everything of kept that is missing, some tables to a transaction.
CREATE PROCEDURE fill()
BEGIN
  DECLARE i INT DEFAULT 1;
  DECLARE t VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
  DECLARE l, v MEDIUMTEXT;
  SET foreign_key_checks=0;
  START TRANSACTION;
  WHILE i<=(SELECT MAX(n) FROM tabs) DO
    SELECT tab, list, vals INTO t, l, v FROM tabs WHERE n=i;
    CALL try(CONCAT('INSERT INTO torture.', t, ' (', l, ') SELECT ', v, ' FROM kept.', t));
    IF i%5=0 THEN COMMIT; START TRANSACTION; END IF;
    SET i=i+1;
  END WHILE;
  COMMIT;
  SET foreign_key_checks=1;
END//

-- One to three updates of a column: values made of its own, one of kept, NULL.
CREATE PROCEDURE change_column(number INT, seed INT)
BEGIN
  DECLARE t, c VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
  DECLARE y VARCHAR(40);
  DECLARE z BOOL;
  SELECT tab, col, type, nullable INTO t, c, y, z FROM cols WHERE n=number;
  IF seed%3<2 THEN
    CALL try(CONCAT('UPDATE torture.', t, ' SET ', c, '=', other(c,y,seed), ' ORDER BY RAND(', seed, ') LIMIT ', 1+seed%3));
  END IF;
  IF seed%3>0 THEN
    CALL try(CONCAT('UPDATE torture.', t, ' SET ', c, '=(SELECT ', c, ' FROM kept.', t, ' ORDER BY RAND(', seed, ') LIMIT 1) ORDER BY RAND(', seed+1, ') LIMIT ', 1+seed%2));
  END IF;
  IF z AND seed%4=0 THEN
    CALL try(CONCAT('UPDATE torture.', t, ' SET ', c, '=NULL ORDER BY RAND(', seed, ') LIMIT 1'));
  END IF;
END//

-- Each column of each table, in transactions of ten columns; one in four is one column alone.
CREATE PROCEDURE each_column(seed INT)
BEGIN
  DECLARE i INT DEFAULT 1;
  WHILE i<=(SELECT MAX(n) FROM cols) DO
    IF i%10=1 THEN SET autocommit=(seed+i)%4=1; END IF;
    CALL change_column(i, seed+i*7);
    SET i=i+1;
    IF i%10=1 THEN COMMIT; END IF;
  END WHILE;
  COMMIT;
  SET autocommit=1;
END//

-- Transactions of random changes of random tables; some are rolled back, some in part.
CREATE PROCEDURE at_random(seed INT, rounds INT)
BEGIN
  DECLARE i, pick, tables, columns, number INT DEFAULT 0;
  DECLARE t VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
  DECLARE l, v MEDIUMTEXT;
  SET i=RAND(seed)*0;
  SELECT MAX(n) INTO tables FROM tabs;
  SELECT MAX(n) INTO columns FROM cols;
  START TRANSACTION;
  WHILE i<rounds DO
    SET pick=FLOOR(RAND()*100), number=1+FLOOR(RAND()*tables);
    SELECT tab, list, vals INTO t, l, v FROM tabs WHERE n=number;
    IF pick<15 THEN
      CALL try(CONCAT('DELETE FROM torture.', t, ' ORDER BY RAND(', i, ') LIMIT ', 1+pick%3));
    ELSEIF pick<30 THEN
      CALL try(CONCAT('INSERT IGNORE INTO torture.', t, ' (', l, ') SELECT ', v, ' FROM kept.', t, ' ORDER BY RAND(', i, ') LIMIT ', 1+pick%4));
    ELSEIF pick<40 THEN
      CALL try(CONCAT('REPLACE INTO torture.', t, ' (', l, ') SELECT ', v, ' FROM kept.', t, ' ORDER BY RAND(', i, ') LIMIT 1'));
    ELSEIF pick<80 THEN
      CALL change_column(1+FLOOR(RAND()*columns), seed+i);
    ELSEIF pick<83 THEN
      SET foreign_key_checks=pick-81=0;
    ELSEIF pick<85 THEN
      SAVEPOINT half;
      CALL change_column(1+FLOOR(RAND()*columns), seed+i);
      ROLLBACK TO half;
    ELSEIF pick<87 THEN
      ROLLBACK;
      START TRANSACTION;
    ELSE
      COMMIT;
      START TRANSACTION;
    END IF;
    SET i=i+1;
  END WHILE;
  COMMIT;
  SET foreign_key_checks=1;
END//

-- Deletes all rows and makes them again, a transaction for each table: what an applier compacts is one
-- statement that updates all of them.
CREATE PROCEDURE rewrite_tables()
BEGIN
  DECLARE i INT DEFAULT 1;
  DECLARE t VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
  DECLARE l, v MEDIUMTEXT;
  SET @done=0, @failed=0, foreign_key_checks=0;
  WHILE i<=(SELECT MAX(n) FROM tabs) DO
    SELECT tab, list, vals INTO t, l, v FROM tabs WHERE n=i;
    START TRANSACTION;
    CALL try(CONCAT('DELETE FROM torture.', t));
    CALL try(CONCAT('INSERT INTO torture.', t, ' (', l, ') SELECT ', v, ' FROM kept.', t));
    COMMIT;
    SET i=i+1;
  END WHILE;
  SET foreign_key_checks=1;
  SELECT @done, @failed;
END//

-- The same, a transaction for each row of the tables that have a key.
CREATE PROCEDURE rewrite_rows()
BEGIN
  DECLARE i, k INT DEFAULT 1;
  DECLARE t VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
  DECLARE l, v, p, pv, same MEDIUMTEXT;
  SET @done=0, @failed=0, foreign_key_checks=0;
  WHILE i<=(SELECT MAX(n) FROM tabs) DO
    SELECT tab, list, vals INTO t, l, v FROM tabs WHERE n=i;
    SELECT GROUP_CONCAT('`', REPLACE(column_name,'`','``'), '`' ORDER BY ordinal_position),
      GROUP_CONCAT(REPLACE(IF(data_type IN ('enum','set'), 'CAST(@ AS UNSIGNED) @', '@'),
        '@', CONCAT('`', REPLACE(column_name,'`','``'), '`')) ORDER BY ordinal_position),
      GROUP_CONCAT(REPLACE(IF(data_type IN ('enum','set'), 'CAST(x.@ AS UNSIGNED)=k.@', 'x.@=k.@'),
        '@', CONCAT('`', REPLACE(column_name,'`','``'), '`')) SEPARATOR ' AND ')
      INTO p, pv, same FROM information_schema.columns
      WHERE table_schema='kept' AND column_key='PRI' AND CONCAT('`', REPLACE(table_name,'`','``'), '`')=t;
    SET k=0, @rows=0;
    IF p IS NOT NULL THEN CALL try(CONCAT('SELECT COUNT(*) INTO @rows FROM kept.', t)); END IF;
    WHILE k<@rows DO
      START TRANSACTION;
      CALL try(CONCAT('DELETE x FROM torture.', t, ' x JOIN (SELECT ', pv, ' FROM kept.', t, ' ORDER BY ', p, ' LIMIT ', k, ',1) k ON ', same));
      CALL try(CONCAT('INSERT INTO torture.', t, ' (', l, ') SELECT ', v, ' FROM kept.', t, ' ORDER BY ', p, ' LIMIT ', k, ',1'));
      COMMIT;
      SET k=k+1;
    END WHILE;
    SET i=i+1;
  END WHILE;
  SET foreign_key_checks=1;
  SELECT @done, @failed;
END//

-- Prints how many statements were done and how many failed.
CREATE PROCEDURE change_all(seed INT, rounds INT)
BEGIN
  SET @done=0, @failed=0;
  SET SESSION sort_buffer_size=67108864;
  CALL fill();
  CALL each_column(seed);
  CALL at_random(seed, rounds);
  SELECT @done, @failed;
END//

DELIMITER ;
