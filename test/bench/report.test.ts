import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type BenchArguments, benchHelp, readBenchArguments } from './arguments.js';
import { compare, comparisonTable } from './compare.js';
import { atLeast, atMost, below, isMet, type PartFigure } from './figure.js';
import { figuresIn } from './kept-runs.js';
import { PARTS } from './parts.js';
import { figureTable } from './table.js';

const KNOWN = ['intake', 'commands', 'lists'];
const read = (...words: string[]) => readBenchArguments(words, KNOWN);
const faultOf = (asked: BenchArguments) => (asked.kind === 'fault' ? asked.text : 'no fault');
const figure = (what: string, value: number): PartFigure => ({ part: 'intake', what, value, unit: '/s' });

describe('bench: what it is asked for', () => {
  it('is all parts of this tree, without a word', () => {
    expect(read()).to.deep.equal({ kind: 'run', parts: KNOWN, against: null, pairs: 2, json: null });
  });

  it('is those parts that are named, in the order in which all run', () => {
    expect(read('lists', 'intake'))
      .to.include({ kind: 'run' })
      .and.deep.include({ parts: ['intake', 'lists'] });
  });

  it('is a comparison with a revision, in so many pairs', () => {
    const asked = read('--against', 'HEAD~1', 'lists', '--pairs', '5');
    expect(asked).to.deep.equal({ kind: 'run', parts: ['lists'], against: 'HEAD~1', pairs: 5, json: null });
  });

  it('names a part that is not there, and those that are', () => {
    expect(faultOf(read('intake', 'nonsense'))).to.equal(
      'There is no part nonsense. The parts are: intake, commands, lists.',
    );
  });

  for (const words of [
    ['--pairs', '0'],
    ['--pairs', 'many'],
    ['--pairs', '1.5'],
    ['--against'],
    ['--unknown'],
  ]) {
    it(`is not "${words.join(' ')}"`, () => {
      expect(read(...words).kind).to.equal('fault');
    });
  }

  it('is explained by --help, with all parts', () => {
    expect(read('--help', 'nonsense')).to.deep.equal({ kind: 'help' });
    const help = benchHelp(Object.fromEntries(Object.entries(PARTS).map(([name, { says }]) => [name, says])));
    for (const name of Object.keys(PARTS)) expect(help).to.match(new RegExp(`^ {2}${name} +\\S`, 'm'));
    expect(help).to.include('--against REV');
  });
});

describe('bench: goals', () => {
  it('are met up to their bound', () => {
    const met = (value: number, goal: PartFigure['goal']) =>
      isMet({ what: 'it', value, ...(goal && { goal }) });
    expect([met(50, atLeast(50)), met(49.9, atLeast(50))]).to.deep.equal([true, false]);
    expect([met(16, atMost(16)), met(17, atMost(16))]).to.deep.equal([true, false]);
    expect([met(2.9, below(3)), met(3, below(3))]).to.deep.equal([true, false]);
    expect(met(7, undefined)).to.equal(null);
  });

  it('stand beside the figures, with whether they are met', () => {
    const table = figureTable([
      { part: 'intake', what: 'against the limit', value: 43.21, unit: '%', goal: atLeast(50) },
      { part: 'scan', what: 'requests', value: 16, goal: atMost(16) },
      { part: 'lists', what: 'a page', value: 12345.6, unit: '/s' },
    ]);
    expect(table.split('\n').slice(1)).to.deep.equal([
      'intake  against the limit     43.2 %  at least 50 %  NOT MET',
      'scan    requests                  16  at most 16     met',
      'lists   a page             12,346 /s',
    ]);
  });
});

describe('bench: a comparison', () => {
  it('has the ratio within each pair, and its median', () => {
    const { compared, alone } = compare([
      { old: [figure('taken', 1000)], new: [figure('taken', 2000)] },
      { old: [figure('taken', 100)], new: [figure('taken', 300)] },
      { old: [figure('taken', 500)], new: [figure('taken', 600)] },
    ]);
    expect(alone).to.deep.equal([]);
    expect(compared).to.deep.equal([
      { part: 'intake', what: 'taken', unit: '/s', old: 500, new: 600, ratio: 2, lowest: 1.2, highest: 3 },
    ]);
  });

  it('finds no difference between nothing and nothing', () => {
    const none = [figure('failed', 0)];
    expect(compare([{ old: none, new: none }]).compared[0]!.ratio).to.equal(1);
  });

  it('names what only one tree has, and compares the rest', () => {
    const result = compare([
      { old: [figure('taken', 10), figure('gone', 1)], new: [figure('taken', 5), figure('new', 1)] },
    ]);
    const table = comparisonTable(result, 'v1');
    expect(result.compared.map(({ what }) => what)).to.deep.equal(['taken']);
    expect(table).to.match(/intake {2}taken +10 \/s +5 \/s +0\.50 /);
    expect(table).to.include('not measured in all runs of both trees: intake: new; intake: gone');
  });

  it('reads the figures of an older bench', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tpedm-figures-'));
    const file = join(folder, 'bench.json');
    writeFileSync(
      file,
      JSON.stringify({ lines: [{ what: 'a page', value: 2, unit: 'ms', goal: 'below 20' }] }),
    );
    expect(figuresIn(file)).to.deep.equal([{ part: '', what: 'a page', value: 2, unit: 'ms' }]);
    rmSync(folder, { recursive: true });
    expect(figuresIn(file)).to.equal(null);
  });
});
