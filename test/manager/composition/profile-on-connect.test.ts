import { EventEmitter, once } from 'node:events';
import { expect } from 'chai';
import {
  createProfileAsker,
  type ProfileAsker,
} from '../../../nodes/manager/composition/profile-on-connect.js';

describe('composition: gateways are asked what they are when they connect', () => {
  let asker: ProfileAsker;
  let underWay: { clientid: string; answer: () => void }[];
  let told: EventEmitter<{ asked: []; answered: [] }>;
  let most: number;
  let mayAsk: boolean;

  beforeEach(() => {
    underWay = [];
    told = new EventEmitter();
    most = 0;
    mayAsk = true;
    asker = createProfileAsker(refresh, () => mayAsk, 0);
  });
  afterEach(() => asker.close());

  function refresh(clientid: string): Promise<void> {
    return new Promise((resolve) => {
      underWay.push({ clientid, answer: resolve });
      most = Math.max(most, underWay.length);
      told.emit('asked');
    });
  }
  function answerFirst(): void {
    underWay.shift()?.answer();
  }
  const ask = (count: number, name = 'gw') => {
    for (let index = 0; index < count; index += 1) asker.ask(`${name}-${index}`);
  };

  it('many at a time', async () => {
    ask(60);
    while (underWay.length < 50) await once(told, 'asked');
    answerFirst();
    await once(told, 'asked');
    expect(most).to.equal(50);
  });

  it('few at a time while a fleet reconnects, and many when it is there', async () => {
    ask(100);
    while (underWay.length < 2) await once(told, 'asked');
    for (let answered = 0; answered < 20; answered += 1) {
      ask(100, `more-${answered}`);
      answerFirst();
      await once(told, 'asked');
    }
    expect(most, 'while they connect').to.equal(2);
    // Nothing else happens: nobody connects, and nobody answers.
    while (underWay.length < 50) await once(told, 'asked');
    expect(most, 'afterwards').to.equal(50);
  });

  it('once, and not while nobody can send', async () => {
    mayAsk = false;
    ask(3);
    ask(3);
    // A timer of the same time is behind those of the gateways.
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(underWay).to.deep.equal([]);
    mayAsk = true;
    asker.goOn();
    expect(underWay.map(({ clientid }) => clientid)).to.deep.equal(['gw-0', 'gw-1', 'gw-2']);
  });
});
