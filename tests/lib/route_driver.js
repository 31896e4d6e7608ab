// Uses the router as a Node application does; prints ok.
const assert = require('assert');
const mysql = require('mysql2/promise');
const login = {host: '127.0.0.1', port: +process.env.PORT, user: 'app', password: process.env.APP_PASSWORD, database: 'app'};

(async () => {
	for (const more of [{}, {ssl: {rejectUnauthorized: false}}]) {
		const c = await mysql.createConnection({...login, ...more});
		await c.query('DROP TABLE IF EXISTS node');
		await c.query('CREATE TABLE node (id INT AUTO_INCREMENT PRIMARY KEY, v TEXT CHARACTER SET utf8mb4)');
		for (let i = 1; i < 5; i++) {
			const [r] = await c.execute('INSERT INTO node (v) VALUES (?)', ['€🙂' + i]);
			assert.strictEqual(r.insertId, i);
		}
		const [rows] = await c.execute('SELECT v FROM node WHERE id > ? ORDER BY id', [2]);
		assert.deepStrictEqual(rows.map((r) => r.v), ['€🙂3', '€🙂4']);
		await c.query('SET @v = 1');
		await c.changeUser({...login});
		const [[{v}]] = await c.query('SELECT @v AS v');
		assert.strictEqual(v, null);
		await c.ping();
		await c.beginTransaction();
		await c.execute('DELETE FROM node');
		await c.rollback();
		const [[{n}]] = await c.query('SELECT COUNT(*) AS n FROM node');
		assert.strictEqual(n, 4);
		await assert.rejects(c.query('SELECT * FROM nosuch'), {errno: 1146});
		await c.end();
	}
	const pool = mysql.createPool({...login, connectionLimit: 8});
	const got = await Promise.all([...Array(200).keys()].map((i) => pool.execute('SELECT ? + 0 AS i', [i])));
	got.forEach(([[r]], i) => assert.strictEqual(+r.i, i));
	await pool.end();
	console.log('ok');
})().catch((e) => { console.log(e); process.exit(1); });
