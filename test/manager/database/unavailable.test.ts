import { expect } from 'chai';
import pg from 'pg';
import { awayInWords, isUnavailable } from '../../../nodes/manager/database/unavailable.js';
import { TpeError } from '../../../nodes/manager/shared/tpe-error.js';

const withCode = (code: string) => Object.assign(new Error('it failed'), { code });

describe('database: which errors mean "try again later"', () => {
  it('those of a network and of a server that stops, starts or has no room', () => {
    const network = [
      'ECONNREFUSED',
      'ECONNRESET',
      'EPIPE',
      'ETIMEDOUT',
      'ENOTFOUND',
      'EAI_AGAIN',
      'EHOSTUNREACH',
    ];
    const server = ['57P01', '57P02', '57P03', '08006', '08001', '53300', '53100', '57014', '25006'];
    for (const code of [...network, ...server]) expect(isUnavailable(withCode(code)), code).to.equal(true);
    expect(isUnavailable(new AggregateError([withCode('ECONNREFUSED'), withCode('EHOSTUNREACH')]))).to.equal(
      true,
    );
    expect(isUnavailable(new TpeError('UNAVAILABLE', 'gone'))).to.equal(true);
  });

  it('those that pg knows only by their words', () => {
    for (const text of [
      'Connection terminated unexpectedly',
      'Connection terminated due to connection timeout',
      'timeout exceeded when trying to connect',
      'Query read timeout',
      'Client has encountered a connection error and is not queryable',
    ]) {
      expect(isUnavailable(new Error(text)), text).to.equal(true);
    }
  });

  it('are told as a reason, with the words of the database within', () => {
    expect(awayInWords(withCode('ECONNREFUSED'))).to.deep.equal({
      text: 'The database cannot be reached: it failed.',
      cause: { code: 'database-unreachable', params: { fault: 'it failed' } },
    });
    const full = Object.assign(new pg.DatabaseError('it failed', 1, 'error'), { code: '53100' });
    expect(awayInWords(full)).to.deep.equal({
      text: 'The disk of the PostgreSQL server is full: make room there (53100: it failed).',
      cause: { code: 'database-disk-full', params: { sqlstate: '53100', fault: 'it failed' } },
    });
  });

  it('but none that is about the data, the statement or the program', () => {
    for (const code of [
      '23505',
      '22P02',
      '22021',
      '42P01',
      '42501',
      '40001',
      '40P01',
      '28P01',
      '3D000',
      'ENOENT',
    ]) {
      expect(isUnavailable(withCode(code)), code).to.equal(false);
    }
    expect(isUnavailable(new pg.DatabaseError('duplicate key', 1, 'error'))).to.equal(false);
    expect(isUnavailable(new TpeError('CONFLICT', 'taken'))).to.equal(false);
    expect(isUnavailable(new AggregateError([withCode('ECONNREFUSED'), withCode('28P01')]))).to.equal(false);
    for (const value of [new TypeError('x is undefined'), 'ECONNREFUSED', null, undefined]) {
      expect(isUnavailable(value)).to.equal(false);
    }
  });
});
