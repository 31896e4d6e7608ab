<?php // Uses the router as a PHP application does; prints ok.
mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
set_error_handler(function ($n, $text) { throw new Exception($text); });
assert_options(ASSERT_BAIL, 1);
$port = (int)getenv('PORT');
$password = getenv('APP_PASSWORD');
function same($got, $want) { if ($got !== $want) { var_dump($got); throw new Exception(json_encode($want)); } }

$m = new mysqli('127.0.0.1', 'app', $password, 'app', $port);
$m->query('DROP TABLE IF EXISTS php');
$m->query('CREATE TABLE php (id INT AUTO_INCREMENT PRIMARY KEY, v LONGTEXT)');
$s = $m->prepare('SELECT ? AS a, ?+1 AS b');
$a = 'x'; $b = 1;
$s->bind_param('si', $a, $b);
for ($i = 0; $i < 3; $i++) {
	$s->execute();
	same($s->get_result()->fetch_row()[0], 'x');
	$a = 'x';
}
$m->change_user('app', $password, 'app');
$s = $m->prepare('INSERT INTO php (v) VALUES (?)');
$n = null;
$s->bind_param('b', $n);
$s->send_long_data(0, str_repeat('l', 100000));
$s->send_long_data(0, 'data');
$s->execute();
same($m->insert_id, 1);
same($m->query('SELECT LENGTH(v) FROM php')->fetch_row()[0], '100004');
for ($i = 0; $i < 50; $i++)
	$m->query("INSERT INTO php (v) VALUES ($i)");
$s = $m->prepare('SELECT id FROM php ORDER BY id');
$s->attr_set(MYSQLI_STMT_ATTR_CURSOR_TYPE, MYSQLI_CURSOR_TYPE_READ_ONLY);
$s->attr_set(MYSQLI_STMT_ATTR_PREFETCH_ROWS, 1);
$s->execute();
$s->bind_result($id);
for ($count = 0; $s->fetch(); $count++)
	same($id, $count + 1);
same($count, 51);
$s->close();
$m->multi_query('SELECT 1; SELECT 2');
$got = '';
do
	$got .= $m->store_result()->fetch_row()[0];
while ($m->more_results() && $m->next_result());
same($got, '12');
same(strncmp($m->stat(), 'Uptime', 6), 0);
$m->close();

$d = new PDO("mysql:host=127.0.0.1;port=$port;dbname=app;charset=utf8mb4", 'app', $password,
	[PDO::ATTR_EMULATE_PREPARES => false, PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
$q = $d->prepare('SELECT ?, HEX(?)');
$q->execute(['€🙂', '€🙂']);
same($q->fetch(PDO::FETCH_NUM), ['€🙂', 'E282ACF09F9982']);
$d->beginTransaction();
$d->exec('DELETE FROM php');
$d->rollBack();
same((int)$d->query('SELECT COUNT(*) FROM php')->fetchColumn(), 51);
echo 'ok';
