import { expect } from 'chai';
import { publishReason } from '../../../nodes/manager/broker/publish-reasons.js';
import type { CommandRecord } from '../../../nodes/manager/commands/command.js';
import { commandReason } from '../../../nodes/manager/commands/command-reasons.js';
import { commandOutcome } from '../../../nodes/manager/jobs/run/command-outcome.js';
import { installationOutcome } from '../../../nodes/manager/jobs/run/installation-outcome.js';
import type { Reason } from '../../../nodes/manager/shared/reason.js';
import type { Installation } from '../../../nodes/manager/updates/install/installation.js';
import { fakeInstallation, fakeRecord } from '../../support/fake-manager.js';

/** The outcome in short: where it waits, or its state, with ? if nobody knows and + if it may be repeated. */
function short(result: ReturnType<typeof commandOutcome>): string {
  if ('waitingFor' in result) return result.waitingFor;
  return `${result.state}${result.isUncertain ? '?' : ''}${result.mayRepeat ? '+' : ''}`;
}

const record = (method: string, more: Partial<CommandRecord>) =>
  fakeRecord({ clientid: 'gw-1', method }, '1', { sentAt: '2026-01-01T00:00:00.000Z', ...more });

const because = ({ text, cause }: Reason) => ({ reason: text, cause });
const notSent = (reason: Reason) => ({
  state: 'REJECTED' as const,
  reasonCode: 'UNAVAILABLE',
  ...because(commandReason('not-sent', { reason })),
});

describe('jobs: what the end of a command means', () => {
  const answered = (method: string, status: number) =>
    short(
      commandOutcome(
        record(method, {
          state: status < 300 ? 'SUCCEEDED' : 'FAILED',
          answer: { status, payload: null },
          ...(status >= 300 && because(commandReason('answered-with-status', { status }))),
        }),
      ),
    );

  it('is success after a 2xx', () => {
    for (const status of [200, 201, 204]) expect(answered('POST', status)).to.equal('SUCCEEDED');
  });

  it('is a failure for good where the gateway refuses, whatever the method', () => {
    for (const method of ['GET', 'PUT', 'POST', 'DELETE', 'PATCH']) {
      for (const status of [400, 401, 403, 404, 405, 422])
        expect(answered(method, status)).to.equal('FAILED');
    }
  });

  it('is a failure that may be repeated where the gateway has a fault, unless something could be done twice', () => {
    for (const status of [500, 501, 502, 504]) {
      for (const method of ['GET', 'PUT', 'DELETE']) expect(answered(method, status)).to.equal('FAILED+');
      for (const method of ['POST', 'PATCH']) expect(answered(method, status)).to.equal('FAILED');
    }
  });

  it('is "later" where the gateway says so', () => {
    for (const status of [409, 423, 429, 503]) expect(answered('POST', status)).to.equal('busy');
  });

  it('is not known without an answer, and may be repeated only where nothing can be done twice', () => {
    const timedOut = (method: string) =>
      short(commandOutcome(record(method, { state: 'TIMED_OUT', reason: 'x' })));
    expect(['GET', 'PUT', 'DELETE', 'POST', 'PATCH'].map(timedOut)).to.deep.equal([
      'TIMED_OUT+',
      'TIMED_OUT?+',
      'TIMED_OUT?+',
      'TIMED_OUT?',
      'TIMED_OUT?',
    ]);
    const unreadable = record('POST', { state: 'FAILED', reasonCode: 'UNREADABLE', reason: 'x' });
    expect(short(commandOutcome(unreadable))).to.equal('FAILED?');
  });

  it('is to wait where nothing was sent and it can be later', () => {
    const rejected = (reasonCode: string) =>
      short(commandOutcome(record('POST', { state: 'REJECTED', reasonCode, reason: 'x' })));
    expect(['OFFLINE', 'BUSY', 'GUARDED', 'STOPPED'].map(rejected)).to.deep.equal([
      'offline',
      'busy',
      'guard',
      'stop',
    ]);
    expect(short(commandOutcome(record('POST', { state: 'EXPIRED', reason: 'x' })))).to.equal('busy');
    for (const code of ['INVALID_INPUT', 'FORBIDDEN', 'NOT_FOUND', 'CONFLICT'])
      expect(rejected(code)).to.equal('REJECTED');
  });

  it('is taken for unknown where the broker may have it, and for not sent where it surely has not', () => {
    const of = (reason: Reason) => short(commandOutcome(record('POST', notSent(reason))));
    expect(of(publishReason('mqtt-connection-lost'))).to.equal('TIMED_OUT?');
    expect(of(publishReason('mqtt-broker-does-not-acknowledge'))).to.equal('TIMED_OUT?');
    expect(of({ text: 'socket hang up', cause: null })).to.equal('TIMED_OUT?');
    expect(of(publishReason('mqtt-broker-away', { words: 'x' }))).to.equal('offline');
    expect(of(publishReason('emqx-not-started'))).to.equal('offline');
    expect(of(publishReason('mqtt-message-too-large', { bytes: 2, most: 1 }))).to.equal('REJECTED');
    expect(of(publishReason('emqx-refuses', { words: 'x' }))).to.equal('FAILED+');
    const away = because(commandReason('not-sent-database-away-claiming'));
    const claimed = record('POST', { state: 'REJECTED', reasonCode: 'UNAVAILABLE', ...away });
    expect(short(commandOutcome(claimed))).to.equal('busy');
  });

  it('is the end where the clock of the gateway is wrong, or a person canceled it', () => {
    const cause = commandReason('header-refused', { words: 'x' });
    const refused = record('GET', {
      state: 'FAILED',
      answer: { status: 503, payload: null },
      ...because(cause),
    });
    expect(short(commandOutcome(refused))).to.equal('FAILED');
    expect(short(commandOutcome(record('GET', { state: 'CANCELED', reason: 'x' })))).to.equal('CANCELED');
  });
});

describe('jobs: what the end of an installation means', () => {
  const of = (more: Partial<Installation>) =>
    short(installationOutcome(fakeInstallation({ clientid: 'gw-1' }, more)));

  it('is what it says', () => {
    expect(of({ state: 'SUCCEEDED' })).to.equal('SUCCEEDED');
    expect(of({ state: 'ALREADY_INSTALLED' })).to.equal('ALREADY_DONE');
    expect(of({ state: 'FAILED', reason: 'x' })).to.equal('FAILED+');
    expect(of({ state: 'TIMED_OUT', reason: 'x' })).to.equal('TIMED_OUT?+');
    expect(of({ state: 'CANCELED', reason: 'x' })).to.equal('CANCELED');
  });

  it('is to wait where it was not begun and can be later', () => {
    expect(of({ state: 'REJECTED', reasonCode: 'OFFLINE' })).to.equal('offline');
    expect(of({ state: 'REJECTED', reasonCode: 'CONFLICT' })).to.equal('busy');
    expect(of({ state: 'REJECTED', reasonCode: 'INVALID_INPUT' })).to.equal('REJECTED');
    expect(of({ state: 'REJECTED', reasonCode: 'NOT_FOUND' })).to.equal('REJECTED');
  });
});
