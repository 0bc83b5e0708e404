import { expect } from 'chai';
import type { AnswerTable } from '../../nodes/dashboard/client/components/answers/answer-table.js';
import { anyAnswer } from '../../nodes/dashboard/client/components/answers/any-answer.js';
import { OPERATIONS } from '../../nodes/manager/catalogue/operations.js';

const WORDS = {
  label: (name: string) => name,
  yes: 'Yes',
  no: 'No',
  time: (text: string) => text,
  bytes: (count: number) => `${count} B`,
  end: (_time: string, days: number | null) => `ends ${days}`,
};

describe('answers that are read as tables', () => {
  const texts = (tables: readonly AnswerTable[] | null) =>
    (tables ?? []).flatMap(({ rows }) => rows.flatMap((row) => row.map((cell) => cell?.text ?? '')));

  it('have a cell for each column, and no value that is none, for each example of the catalogue', () => {
    const examples = OPERATIONS.filter(({ answerExample }) => answerExample != null);
    expect(examples.length).to.be.above(100);
    for (const { id, answerExample } of examples) {
      const tables = anyAnswer(answerExample, WORDS);
      for (const { columns, rows } of tables ?? []) {
        for (const row of rows) expect(row, id).to.have.length(columns.length);
      }
      for (const text of texts(tables)) expect(text, id).not.to.match(/\[object|undefined|NaN/);
    }
  });

  it('list things as rows, and what belongs to one thing below its figures', () => {
    const [list] =
      anyAnswer(
        {
          data: [
            { id: 1, enable: true },
            { id: 2, enable: false },
          ],
        },
        WORDS,
      ) ?? [];
    expect(list).to.deep.include({ isOfFacts: false });
    expect(list?.rows.map((row) => row.map((cell) => cell?.text))).to.deep.equal([
      ['1', 'Yes'],
      ['2', 'No'],
    ]);
    const [facts, rules] =
      anyAnswer({ data: { port: 22, ntp: { server: 'a' }, list: [{ id: 1 }] } }, WORDS) ?? [];
    expect(facts?.columns.map(({ title }) => title)).to.deep.equal(['port', 'ntp › server']);
    expect(rules?.title).to.equal('list');
  });

  it('mark a certificate that has expired or soon will, and leave one alone that is good for long', () => {
    const inDays = (days: number) => new Date(Date.now() + (days + 0.5) * 24 * 60 * 60 * 1000).toISOString();
    const cellOf = (notAfter: string) =>
      anyAnswer({ data: { certificateInfo: { issuer: 'CN=A', notAfter } } }, WORDS)?.[0]?.rows[0]?.[1];
    expect(cellOf(inDays(-3))).to.deep.equal({ text: 'ends -3', tone: 'bad' });
    expect(cellOf(inDays(0))).to.deep.equal({ text: 'ends 0', tone: 'warning' });
    expect(cellOf(inDays(12))).to.deep.equal({ text: 'ends 12', tone: 'warning' });
    expect(cellOf(inDays(100))).to.deep.equal({ text: 'ends 100' });
    expect(cellOf(inDays(800))).to.deep.equal({ text: 'ends null' });
    expect(cellOf('one day')).to.deep.equal({ text: 'one day' });
  });

  it('are left as they came where there is nothing to tell', () => {
    for (const payload of [null, '', 5, {}, { data: {} }]) expect(anyAnswer(payload, WORDS)).to.equal(null);
  });
});
