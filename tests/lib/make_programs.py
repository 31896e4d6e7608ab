#!/usr/bin/env python3
"""Prints definitions that depend on the session that makes them, and what shows that they do.

make_programs.py SEED COUNT definitions|calls

definitions: tables, then COUNT procedures, functions, triggers and events in a database "meant", each made under
a sql_mode (often none at all), a character set, a collation and a time zone of its own. calls: statements that call
all of them with the same arguments, for a client that goes on after errors. One seed gives the same of both.
"""
import random
import sys

MODES = ["", "", "", "STRICT_ALL_TABLES", "STRICT_TRANS_TABLES,NO_ZERO_DATE", "PIPES_AS_CONCAT", "ANSI_QUOTES",
         "NO_BACKSLASH_ESCAPES", "HIGH_NOT_PRECEDENCE", "NO_UNSIGNED_SUBTRACTION", "IGNORE_SPACE",
         "PIPES_AS_CONCAT,ANSI_QUOTES", "ERROR_FOR_DIVISION_BY_ZERO,STRICT_ALL_TABLES", "NO_ZERO_IN_DATE", "REAL_AS_FLOAT"]
NAMES = [("utf8mb4", "utf8mb4_general_ci"), ("utf8mb4", "utf8mb4_bin"), ("latin1", "latin1_swedish_ci"),
         ("latin1", "latin1_german1_ci"), ("utf8mb4", "utf8mb4_unicode_ci")]
ZONES = ["+00:00", "+05:30", "-11:00"]

# {x}, {s}: what the program is called with
BODIES = [
    "INSERT INTO t (a) VALUES ({x})",
    "INSERT INTO t (s) VALUES ({s})",
    "INSERT INTO t (d) VALUES (IF({x} > 100, '0000-00-00', '2024-00-01'))",
    "INSERT INTO t (a) VALUES (NULLIF({x}, 5) / 0)",
    "UPDATE t SET s = 'x' || {x} WHERE id < 3",
    "UPDATE t SET a = {x} + 0, s = 'q\\\\q' WHERE id = 1",
    "INSERT INTO t (n) VALUES (CAST({x} AS UNSIGNED) - 301)",
    "UPDATE t SET a = NOT {x} BETWEEN -5 AND 5 WHERE id = 2",
    "INSERT INTO t (a, s) SELECT 1, {s} FROM DUAL WHERE 'E' = 'e'",
]


def main():
    seed, count, what = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    rng = random.Random(seed)
    define = [f"-- seed {seed}", "USE meant;", "SET NAMES utf8mb4;",
              "CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, a TINYINT, s CHAR(3), d DATE, n BIGINT UNSIGNED);",
              "DELIMITER //"]
    calls = ["USE meant;", "SET NAMES utf8mb4;"]
    for i in range(count):
        charset, collation = rng.choice(NAMES)
        define.append(f"SET sql_mode='{rng.choice(MODES)}', time_zone='{rng.choice(ZONES)}'//\n"
                      f"SET NAMES {charset} COLLATE {collation}//")
        body = rng.choice(BODIES)
        kind = rng.choice(["procedure", "procedure", "function", "trigger", "event"])
        if kind == "procedure":
            define.append(f"CREATE PROCEDURE p{i}(x INT, s VARCHAR(9)) {body.format(x='x', s='s')}//")
            calls += [f"CALL p{i}({x}, '{s}');" for x, s in [(300, "abcd"), (5, "a"), (-7, "")]]
        elif kind == "function":
            define.append(f"CREATE FUNCTION f{i}(x INT) RETURNS CHAR(2) DETERMINISTIC RETURN x || 'y'//")
            calls += [f"SELECT {i}, f{i}({x});" for x in (300, 5, 0)]
        elif kind == "trigger":
            define.append(f"CREATE TABLE u{i} (x INT, s VARCHAR(9))//\n"
                          f"CREATE TRIGGER g{i} AFTER INSERT ON u{i} FOR EACH ROW {body.format(x='NEW.x', s='NEW.s')}//")
            calls += [f"INSERT INTO u{i} VALUES ({x}, '{s}');" for x, s in [(300, "abcd"), (5, "a")]]
        else:
            define.append(f"CREATE EVENT e{i} ON SCHEDULE EVERY 1 DAY STARTS '2037-01-0{1 + i % 9} 01:30:00' DISABLE "
                          f"DO {body.format(x='300', s=chr(39) + 'abcd' + chr(39))}//")
    calls += ["SELECT * FROM t;"]
    print("\n".join(define if what == "definitions" else calls))


main()
