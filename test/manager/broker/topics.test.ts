import { expect } from 'chai';
import * as fc from 'fast-check';
import {
  DEFAULT_TOPICS,
  filterCovers,
  filterCoversFilter,
  makeTopics,
} from '../../../nodes/manager/protocol/topics.js';
import { printable } from '../../../nodes/manager/shared/printable.js';
import { TpeError } from '../../../nodes/manager/shared/tpe-error.js';

const withTelemetry = (...telemetry: string[]) => makeTopics({ ...DEFAULT_TOPICS, telemetry });

function faultOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    expect(error).to.be.instanceOf(TpeError);
    expect((error as TpeError).code).to.equal('INVALID_INPUT');
    return (error as Error).message;
  }
  throw new Error('nothing was thrown');
}

describe('topics', () => {
  it('names the topics of one gateway and the filters for all', () => {
    const topics = makeTopics(DEFAULT_TOPICS);
    expect(topics.inputTopic('A')).to.equal('/tpedm/A/input');
    expect(topics.outputTopic('A')).to.equal('/tpedm/A/output');
    expect(topics.filters()).to.deep.equal(['/tpedm/+/output']);
    expect(topics.publishFilters('A')).to.deep.equal(['/tpedm/A/output']);
    expect(topics.subscribeFilters('A')).to.deep.equal(['/tpedm/A/input']);
  });

  it('says what a topic is and whose', () => {
    const topics = withTelemetry('plant/{clientid}/#', 'alarms/#');
    expect(topics.classify('/tpedm/A/output')).to.deep.equal({ kind: 'output', clientid: 'A' });
    expect(topics.classify('plant/A/tags/1')).to.deep.equal({ kind: 'telemetry', clientid: 'A' });
    expect(topics.classify('plant/A')).to.deep.equal({ kind: 'telemetry', clientid: 'A' });
    expect(topics.classify('alarms/fire')).to.deep.equal({ kind: 'telemetry', clientid: null });
    for (const foreign of ['', '/', '/tpedm//output', '/tpedm/A/output/x', 'tpedm/A/output', 'plant']) {
      expect(topics.classify(foreign), foreign).to.equal(null);
    }
  });

  it('takes a request for no telemetry, even where the filter is wide enough for it', () => {
    const topics = withTelemetry('/tpedm/{clientid}/#');
    expect(topics.classify('/tpedm/A/input')).to.equal(null);
    expect(topics.classify('/tpedm/A/output')).to.deep.equal({ kind: 'output', clientid: 'A' });
    expect(topics.classify('/tpedm/A/tags')).to.deep.equal({ kind: 'telemetry', clientid: 'A' });
  });

  it('subscribes once where one filter covers another', () => {
    expect(withTelemetry('/tpedm/{clientid}/#', 'a/b', 'a/+').filters()).to.deep.equal(['/tpedm/+/#', 'a/+']);
  });

  it('refuses telemetry filters that reach the requests or answers of other gateways', () => {
    for (const filter of ['/tpedm/#', '/#', '+/+/+/input', '/+/{clientid}/#', '/{clientid}/+/input']) {
      if (filter === '/+/{clientid}/#') {
        expect(() => withTelemetry(filter), filter).not.to.throw();
        continue;
      }
      expect(faultOf(() => withTelemetry(filter))).to.include(printable(filter));
    }
    expect(faultOf(() => withTelemetry('/tpedm/+/output'))).to.include('answer topic');
  });

  it('refuses templates that cannot work, naming the template', () => {
    const output = DEFAULT_TOPICS.output;
    for (const input of [
      '',
      '/tpedm/input',
      '/tpedm/x{clientid}/input',
      '/{clientid}/{clientid}',
      '/tpedm/+/{clientid}',
      '/tpedm/{clientid}/#',
      '/tpedm/{clientid}/input\u0000',
      '/tpedm/{clientid}/input ',
      '$SYS/{clientid}',
      `/${'x'.repeat(300)}/{clientid}`,
    ]) {
      expect(
        faultOf(() => makeTopics({ input, output, telemetry: [] })),
        JSON.stringify(input),
      ).to.include(printable(input));
    }
    for (const filter of ['#', '$SYS/#', 'a/#/b', 'a/b#', 'a/b+/c', 'a/{clientid}x']) {
      expect(
        faultOf(() => withTelemetry(filter)),
        filter,
      ).to.include(printable(filter));
    }
    expect(faultOf(() => makeTopics({ input: output, output, telemetry: [] }))).to.include('differ');
    expect(
      faultOf(() => makeTopics({ input: 'a/{clientid}', output: '{clientid}/b', telemetry: [] })),
    ).to.include('same topic');
  });
});

describe('MQTT filters', () => {
  it('cover topics as MQTT 3.1.1, 4.7 has it', () => {
    const covered: [string, string][] = [
      ['a/b', 'a/b'],
      ['a/+', 'a/b'],
      ['a/+', 'a/'],
      ['a/#', 'a'],
      ['a/#', 'a/b/c'],
      ['#', 'a/b'],
      ['+/+', '/a'],
    ];
    for (const [filter, topic] of covered)
      expect(filterCovers(filter, topic), `${filter} ${topic}`).to.equal(true);
    const free: [string, string][] = [
      ['a/b', 'a/c'],
      ['a/+', 'a'],
      ['a/+', 'a/b/c'],
      ['+', '/a'],
      ['#', '$SYS/x'],
      ['+/x', '$SYS/x'],
    ];
    for (const [filter, topic] of free)
      expect(filterCovers(filter, topic), `${filter} ${topic}`).to.equal(false);
  });

  it('cover a filter only when they cover all its topics', () => {
    expect(filterCoversFilter('a/+', 'a/b')).to.equal(true);
    expect(filterCoversFilter('a/+', 'a/+')).to.equal(true);
    expect(filterCoversFilter('a/#', 'a/+/c')).to.equal(true);
    expect(filterCoversFilter('a/#', 'a/#')).to.equal(true);
    expect(filterCoversFilter('a/+', 'a/#')).to.equal(false);
    expect(filterCoversFilter('a/b', 'a/+')).to.equal(false);
    expect(filterCoversFilter('a/b', '#')).to.equal(false);
    expect(filterCoversFilter('a/b', 'a')).to.equal(false);
  });

  it('cover nothing through a filter that they do not cover themselves', () => {
    const level = fc.constantFrom('a', 'b', '');
    const topic = fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => levels.join('/'));
    const filter = fc
      .tuple(fc.array(fc.constantFrom('a', 'b', '', '+'), { maxLength: 4 }), fc.boolean())
      .map(([levels, open]) => (open || levels.length === 0 ? [...levels, '#'] : levels).join('/'));
    fc.assert(
      fc.property(filter, filter, topic, (outer, inner, name) => {
        if (filterCoversFilter(outer, inner) && filterCovers(inner, name)) {
          expect(filterCovers(outer, name)).to.equal(true);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
