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

  const open = (key = 'key', mostOfAccount = 10) =>
    openSessions({ file, key, lifetimeMs: HOUR, mostOfAccount, now: () => time });
  const of = (account: string) => ({ account, mark: 'm', kind: 'dashboard' as const });

  it('knows who is signed in, also after a restart', () => {
    const { token: cookie } = open().start(of('admin'));
    expect(open().find(cookie, 'dashboard')).to.include({ account: 'admin', expiresAt: time + HOUR });
  });

  it('ends when its time is over', () => {
    const sessions = open();
    const { token: cookie } = sessions.start(of('admin'));
    time += HOUR;
    expect(sessions.find(cookie, 'dashboard')).to.equal(null);
    expect(open().find(cookie, 'dashboard')).to.equal(null);
  });

  it('ends by signing out, for good, and ends no other', () => {
    const sessions = open();
    const one = sessions.start(of('admin')).token;
    const other = sessions.start(of('admin')).token;
    sessions.end(sessions.find(one, 'dashboard')!);
    expect(sessions.find(one, 'dashboard')).to.equal(null);
    expect(open().find(one, 'dashboard')).to.equal(null);
    expect(open().find(other, 'dashboard')).not.to.equal(null);
  });

  it('refuses a cookie that it did not sign', () => {
    const sessions = open();
    const { token: cookie } = sessions.start(of('admin'));
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
    for (const each of forged) expect(sessions.find(each, 'dashboard'), each).to.equal(null);
    expect(open('another key').find(cookie, 'dashboard')).to.equal(null);
  });

  it('drops the oldest of an account beyond the most it may have, and never those of another', () => {
    const sessions = open('key', 2);
    const admin = sessions.start(of('admin')).token;
    const editor = sessions.start({ ...of('vera'), kind: 'editor' }).token;
    const own = Array.from({ length: 1005 }, () => sessions.start(of('vera')).token);
    expect(own.map((token) => sessions.find(token, 'dashboard') !== null)).to.deep.equal(
      own.map((_, index) => index >= 1003),
    );
    expect(sessions.find(admin, 'dashboard')).not.to.equal(null);
    expect(sessions.find(editor, 'editor')).not.to.equal(null);
    expect(open('key', 2).find(admin, 'dashboard')).not.to.equal(null);
  });

  it('counts only where it was begun', () => {
    const sessions = open();
    const { token } = sessions.start({ ...of('admin'), kind: 'editor', scope: 'read' });
    expect(sessions.find(token, 'dashboard')).to.equal(null);
    expect(open().find(token, 'editor')).to.include({ account: 'admin', scope: 'read' });
  });

  it('goes on with another mark, also after a restart', () => {
    const sessions = open();
    const { token, session } = sessions.start(of('admin'));
    sessions.remark(session, 'n');
    expect(sessions.find(token, 'dashboard')).to.include({ mark: 'n' });
    expect(open().find(token, 'dashboard')).to.include({ mark: 'n' });
  });

  it('keeps nothing in the file that a reader could sign in with', () => {
    const { token: cookie } = open().start(of('admin'));
    const [id = '', signature = ''] = cookie.split('.');
    expect(readFileSync(file, 'utf8')).not.to.contain(id);
    expect(readFileSync(file, 'utf8')).not.to.contain(signature);
    expect(statSync(file).mode & 0o777).to.equal(0o600);
  });

  it('starts empty from a file that is damaged', () => {
    for (const text of [
      '',
      '{',
      'null',
      '[{"user": 1}]',
      '[{"idHash": "a", "user": "admin", "expiresAt": 9e15}]',
    ]) {
      writeFileSync(file, text);
      expect(() => open().start(of('admin')), text).not.to.throw();
    }
  });
});
