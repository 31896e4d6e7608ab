#!/usr/bin/env python3
"""Prints tables whose definitions hold texts inside expressions, and rows that show what these mean.

make_expressions.py SEED COUNT definitions|rows

definitions: COUNT tables in a database "said", each with generated columns, a default that is an expression, and a
CHECK. rows: the same rows offered to each of them, for a client that goes on after errors, and what came of it. One
seed gives the same of both. Statements are what both MySQL and MariaDB take; a table that one of them refuses is in
neither, where the client goes on.
"""
import random
import sys

TEXTS = ["é", "it's", "back\\slash", "tab\there", "a''b", '"quoted"', "%_", "", " ", "x\ny", "plain", "ÄÖ", "\\", "'",
         "100", "null", "-- no comment", "/* none */", "`tick`", "(a", "_utf8mb4'x'", "\\'", "ß", "a\\%b"]
WIDE = ["日本", "😀", "Ж", "ﬀ", "e\u0301"]
CHARSETS = ["utf8mb4 COLLATE utf8mb4_general_ci", "utf8mb4 COLLATE utf8mb4_unicode_ci", "utf8mb4 COLLATE utf8mb4_bin", "latin1", "latin1 COLLATE latin1_bin", "utf8mb3", "cp1250"]


def quoted(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def main():
    seed, count, what = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    rng = random.Random(seed)
    define = [f"-- seed {seed}", "SET NAMES utf8mb4;", "USE said;"]
    rows = ["SET NAMES utf8mb4;", "USE said;"]
    for i in range(count):
        charset = rng.choice(CHARSETS)
        choice = TEXTS + (WIDE if charset.startswith("utf8mb4") else [])
        one, two, three = (rng.choice(choice) for _ in range(3))
        if charset.startswith("cp1250"):
            one, two, three = (t if t.isascii() or t in "ÄÖß" else "ń" for t in (one, two, three))
        o, t, h = quoted(one), quoted(two), quoted(three)
        exprs = [f"CONCAT(a, {o})", f"REPLACE(a, {o}, {t})", f"IF(a = {o}, {t}, 'no')", f"COALESCE(NULLIF(a, {o}), {t})",
                 f"CONCAT({o}, LENGTH({t}))", f"CASE a WHEN {o} THEN {t} ELSE {h} END", f"HEX(CONCAT(a, {o}))",
                 f"IF(a IN ({o}, {t}), LOCATE({h}, a), a LIKE {o})", f"CONCAT(a, X'C3A9')", "CONCAT(n, _utf8mb4'plain')",
                 f"IF(a < {o}, 1.50, -2)", f"CONCAT_WS({o}, a, {t})"]
        stored, virtual = rng.choice(exprs), rng.choice(exprs)
        default = rng.choice([f"(CONCAT({o}, 'd'))", f"({t})", t, f"(UPPER({h}))"])
        check = rng.choice([f"a <> {o}", f"a NOT IN ({o}, {t})", f"NOT (a = {t})", f"LENGTH(a) <> LENGTH({h})", f"a NOT LIKE {o}"])
        define.append(
            f"CREATE TABLE t{i} (id INT AUTO_INCREMENT PRIMARY KEY, a VARCHAR(30) CHARACTER SET {charset}, n INT DEFAULT 0,\n"
            f"  g VARCHAR(90) CHARACTER SET utf8mb4 AS ({stored}) STORED, v VARCHAR(90) CHARACTER SET utf8mb4 AS ({virtual}) VIRTUAL,\n"
            f"  d VARCHAR(40) CHARACTER SET utf8mb4 DEFAULT {default}, CHECK ({check})) CHARSET utf8mb4 COLLATE utf8mb4_general_ci;")
        for text in (one, two, three, "other", "x"):
            rows.append(f"INSERT INTO t{i} (a) VALUES ({quoted(text)});")
        rows.append(f"SELECT {i}, HEX(a), HEX(g), HEX(v), HEX(d) FROM t{i} ORDER BY id;")
    print("\n".join(define if what == "definitions" else rows))


main()
