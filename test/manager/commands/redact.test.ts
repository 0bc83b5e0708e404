import { expect } from 'chai';
import { REDACTED, redact } from '../../../nodes/manager/commands/redact.js';

describe('commands: what may be stored and shown', () => {
  it('hides secrets by their name, however deep', () => {
    const mqtt = {
      data: [
        {
          id: 1,
          userName: 'gw',
          password: 'geheim',
          nested: { apiKey: 'k', privateKey: 'p', accessToken: 't' },
        },
      ],
    };
    expect(redact(mqtt)).to.deep.equal({
      data: [
        {
          id: 1,
          userName: 'gw',
          password: REDACTED,
          nested: { apiKey: REDACTED, privateKey: REDACTED, accessToken: REDACTED },
        },
      ],
    });
  });

  it('leaves alone what is no secret', () => {
    const plain = {
      passwordSet: true,
      password: '',
      tokenCount: 3,
      keyFileName: 'a.pem',
      list: [1, null, 'x'],
      pin: 4,
    };
    expect(redact(plain)).to.deep.equal(plain);
  });

  it('does not change the value it was given', () => {
    const given = { password: 'p' };
    redact(given);
    expect(given.password).to.equal('p');
  });

  it('makes text storable: NUL, half a surrogate pair, __proto__, endless depth', () => {
    expect(redact('a\u0000b')).to.equal('a\ufffdb');
    expect(redact('a\ud800')).to.equal('a\ufffd');
    const hostile = JSON.parse('{"__proto__": {"polluted": true}, "x": 1}');
    expect(Object.keys(redact(hostile) as object)).to.deep.equal(['__proto__', 'x']);
    expect(({} as { polluted?: boolean }).polluted).to.equal(undefined);
    let deep: unknown = 'end';
    for (let level = 0; level < 100_000; level++) deep = [deep];
    expect(JSON.stringify(redact(deep))).to.contain('deeper than 64 levels');
  });
});
