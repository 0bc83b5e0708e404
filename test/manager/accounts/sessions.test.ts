import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { openSessions } from '../../../nodes/manager/accounts/sessions.js';

const HOUR = 3_600_000;

describe('accounts: sessions', () => {
  let folder: string;
  let file: string;
  let time: number;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tpedm-sessions-'));
    file = join(folder, 'sessions.json');
    time = Date.now();
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const open = (key = 'key', most = 10) =>
    openSessions({ file, key, lifetimeMs: HOUR, most, now: () => time });

  it('knows who is signed in, also after a restart', () => {
    const { cookie } = open().start('admin');
    expect(open().find(cookie)).to.include({ user: 'admin', expiresAt: time + HOUR });
  });

  it('ends when its time is over', () => {
    const sessions = open();
    const { cookie } = sessions.start('admin');
    time += HOUR;
    expect(sessions.find(cookie)).to.equal(null);
    expect(open().find(cookie)).to.equal(null);
  });

  it('ends by signing out, for good, and ends no other', () => {
    const sessions = open();
    const one = sessions.start('admin').cookie;
    const other = sessions.start('admin').cookie;
    sessions.end(one);
    sessions.end('nobody');
    expect(sessions.find(one)).to.equal(null);
    expect(open().find(one)).to.equal(null);
    expect(open().find(other)).not.to.equal(null);
  });

  it('refuses a cookie that it did not sign', () => {
    const sessions = open();
    const { cookie } = sessions.start('admin');
    const [id = '', signature = ''] = cookie.split('.');
    const forged = [
      undefined,
      '',
      id,
      `${id}.`,
      `${id}.${signature.slice(1)}`,
      `${id}.${signature.replace(/./, (first) => (first === 'A' ? 'B' : 'A'))}`,
      `${'A'.repeat(43)}.${signature}`,
      `${cookie}.x`,
    ];
    for (const each of forged) expect(sessions.find(each), each).to.equal(null);
    expect(open('another key').find(cookie)).to.equal(null);
  });

  it('drops the oldest beyond the most it may keep', () => {
    const sessions = open('key', 2);
    const cookies = [1, 2, 3].map(() => sessions.start('admin').cookie);
    expect(cookies.map((cookie) => sessions.find(cookie) !== null)).to.deep.equal([false, true, true]);
  });

  it('keeps nothing in the file that a reader could sign in with', () => {
    const { cookie } = open().start('admin');
    const [id = '', signature = ''] = cookie.split('.');
    expect(readFileSync(file, 'utf8')).not.to.contain(id);
    expect(readFileSync(file, 'utf8')).not.to.contain(signature);
    expect(statSync(file).mode & 0o777).to.equal(0o600);
  });

  it('starts empty from a file that is damaged', () => {
    for (const text of ['', '{', 'null', '[{"user": 1}]']) {
      writeFileSync(file, text);
      expect(() => open().start('admin'), text).not.to.throw();
    }
  });
});
