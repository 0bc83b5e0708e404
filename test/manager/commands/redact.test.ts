import { expect } from 'chai';
import { generateToken } from '../../../nodes/manager/accounts/api-token.js';
import { isSecretName, REDACTED, redact, secretValues } from '../../../nodes/manager/shared/redact.js';
import { redactPath } from '../../../nodes/manager/shared/redact-path.js';
import { costOf } from '../../support/thread-time.js';

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
      gpioPin: 4,
      passwordPolicy: { lengthMin: 8 },
      hasPassword: true,
      secret: null,
      tokens: [],
      properties: [{ key: 'unit', value: '°C' }],
      pass: '',
      bypass: 'yes',
      mapping: 'a',
      keepAlive: 60,
      accessKeyId: 'AKIA',
      note: 'the key is under the mat: see page 4',
      url: 'https://user@example.com/a?b=c#d',
    };
    expect(redact(plain)).to.deep.equal(plain);
  });

  it('hides the signature of a URL that is signed, alone and within a text', () => {
    const names = [
      'sig',
      'signature',
      'X-Amz-Signature',
      'x-goog-signature',
      'x-oss-signature',
      'X-Amz-Security-Token',
    ];
    for (const name of names) {
      const url = `https://files.example.com/a.yaml?se=1&${name}=c0ffee00&x=1`;
      const hidden = `https://files.example.com/a.yaml?se=1&${name}=${REDACTED}&x=1`;
      expect(redact({ url }), name).to.deep.equal({ url: hidden });
      expect(redact(`It was not loaded from ${url}`), name).to.equal(`It was not loaded from ${hidden}`);
      const first = redactPath(`/files?${name}=c0ffee00`, new Set());
      expect(first, name).to.equal(`/files?${name}=${REDACTED}`);
    }
    expect(redact('/files?design=blue&signal=-70')).to.equal('/files?design=blue&signal=-70');
  });

  it('finds what was sent in any text, and soon: both may be chosen to take long', () => {
    const known = (...values: string[]) => ({ names: new Set<string>(), values });
    const long = `${'ab'.repeat(30)}X${'ab'.repeat(30)}`;
    expect(redact(`see ${long}, ${long} and ${long.slice(1)}`, known(long))).to.equal(
      `see ${REDACTED}, ${REDACTED} and ${long.slice(1)}`,
    );
    expect(redact(`abab${long}${'ab'.repeat(29)}`, known(long, 'abababab'))).not.to.contain('abababab');
    expect(redact('one two12345 a1b2 xa1b2', known('two12345', 'a1b2'))).to.equal(
      `one ${REDACTED} ${REDACTED} xa1b2`,
    );
    const values = Array.from(
      { length: 50 },
      (_, index) => `${'a'.repeat(2000)}X${index}${'a'.repeat(2000)}`,
    );
    for (const text of ['a'.repeat(1_000_000), `${'a'.repeat(3999)} `.repeat(250)]) {
      const cost = costOf(() => redact({ text, list: [text.slice(5)] }, { names: new Set(), values }));
      expect(cost).to.be.lessThan(5000);
    }
  });

  it('hides a JWT wherever it stands, and takes no longer for what looks like many', () => {
    const jwt = 'eyJhbGciOiJub25l.eyJzdWIiOiIxIn0.c2lnbmF0dXJl';
    for (const text of [
      jwt,
      `a-${jwt}`,
      `host.example.${jwt}`,
      `x ${jwt}, y`,
      `"${jwt}"`,
      'eyJhbGciOiJub25l.eyJzdWIi',
    ]) {
      const shown = String(redact(text));
      expect(shown, text).to.contain(REDACTED);
      expect(shown, text).not.to.contain('eyJ').and.not.to.contain('c2ln');
    }
    expect(redact('see eyJhbGciOiJub25l and files.example.com/a-b.yaml')).to.contain(
      'eyJhbGciOiJub25l and files',
    );
    for (const unit of ['-eyJaaaaaaaaaa', 'eyJaaaaaaaaaa-', '-eyJaaaaaaaaaa.b', '.eyJaaaaaaaaaa.']) {
      expect(
        costOf(() => redact({ message: unit.repeat(70_000) })),
        unit,
      ).to.be.lessThan(5000);
    }
  });

  it('hides tokens that were made here wherever they stand, and no name that only begins like one', () => {
    const token = generateToken();
    for (const text of [token, `use ${token}, please`, `Bearer ${token}`, `/x?y=${token}&z=1`, `${token}.`]) {
      const shown = JSON.stringify(redact({ note: text, list: [text], path: redactPath(text, new Set()) }));
      expect(shown, text).not.to.contain(token.slice(6));
    }
    const names = [
      'tpedm_gateways',
      'tpedm_command_seconds_bucket_of_all_of_it',
      `${'tpedm_'}${'x'.repeat(32)}`,
    ];
    expect(redact(names)).to.deep.equal(names);
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

  it('hides all that lies under the name of a secret: numbers, lists, trees', () => {
    const given = {
      pin: 1234,
      pinCode: [1234, 5678],
      puk: 12345678,
      secret: { a: [{ b: 'x' }], c: 1 },
      secrets: ['a', 'b'],
      password: true,
      credentials: { userName: 'u', key: 'k' },
    };
    const hidden = Object.fromEntries(Object.keys(given).map((name) => [name, REDACTED]));
    expect(redact(given)).to.deep.equal(hidden);
  });

  it('knows the names of secrets however they are spelled', () => {
    const names =
      'PASSWORD passwd wifi_password Pass-Phrase passcode dbPass userpass pwd PWD2 clientSecret secretId psk wpa2Psk preSharedKey ' +
      'private_key privateKeyPem PrivateKey2 symmetricKey identityPk caPkFile apiKey API_KEY x-api-key accessKey secretAccessKey ' +
      'sharedAccessKey accountKey connectionString ConnString sasToken sharedAccessSignature access_token idToken tokens jwt ' +
      'authorization credential snmpCommunity community simPin PIN pinCode PUK otp totp wepKey wpaKey encryptionKey tlsAuth ovpn ' +
      'communityString simPukCode unlockCode aesKey hmacKey sessionKey userPassw cookie passwordHash oldPassword newPassword1 \uff50assword';
    for (const name of names.split(' ')) expect(isSecretName(name), name).to.equal(true);
    const others =
      'passenger passwordLength passwordPolicy token_count keyFileName keepalive pinRetryRemain gpioPin bypass compass spin mapping ' +
      'shipping communityName certificate publicKey key keyboard secretary? tokenExpiresAt accessKeyId bandpass opinion';
    for (const name of others.split(' ').filter((one) => !one.endsWith('?'))) {
      expect(isSecretName(name), name).to.equal(false);
    }
  });

  it('hides what a schema marks, whatever it is called, in any spelling', () => {
    const known = { names: new Set(['profile']), values: [] };
    expect(redact({ data: [{ Profile: { a: 1 } }, { 'pro-file': 'x' }] }, known)).to.deep.equal({
      data: [{ Profile: REDACTED }, { 'pro-file': REDACTED }],
    });
  });

  it('hides what stands beside the name of a secret', () => {
    expect(
      redact([
        { name: 'WIFI_PASSWORD', value: 'x' },
        { key: 'Authorization', values: ['y'] },
      ]),
    ).to.deep.equal([
      { name: 'WIFI_PASSWORD', value: REDACTED },
      { key: 'Authorization', values: REDACTED },
    ]);
    expect(redact({ cert: 'c', key: 'k', ca: 'a' })).to.deep.equal({ cert: 'c', key: REDACTED, ca: 'a' });
  });

  const PEM = '-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIODh\n-----END EC PRIVATE KEY-----';
  const OVPN = 'client\nremote vpn.example.com\n<key>\nabcdef\n</key>\n<tls-auth>\n0123\n</tls-auth>\nverb 3';
  const texts: [text: string, shown: string][] = [
    [`before ${PEM} after`, 'before [redacted] after'],
    [PEM.slice(0, 50), REDACTED],
    [PEM.replaceAll('\n', '\\n'), REDACTED],
    ['-----BEGIN OpenVPN Static key V1-----\n6acef\n-----END OpenVPN Static key V1-----', REDACTED],
    [OVPN, 'client\nremote vpn.example.com\n<key>[redacted]</key>\n<tls-auth>[redacted]</tls-auth>\nverb 3'],
    ['https://joe:pass/word@example.com/a', 'https://joe:pass/word@example.com/a'],
    ['see ftp://joe:geheim@example.com/a and more', 'see ftp://joe:[redacted]@example.com/a and more'],
    ['https://ghp_0123456789abcdef0123@example.com', 'https://[redacted]@example.com'],
    [
      'HostName=h.net;DeviceId=d;SharedAccessKey=a+b/c==',
      'HostName=h.net;DeviceId=d;SharedAccessKey=[redacted]',
    ],
    ['sr=h&sig=ab%2Bc&se=1', 'sr=h&sig=[redacted]&se=1'],
    ['Authorization: Bearer abc.def-123', 'Authorization: Bearer [redacted]'],
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl', REDACTED],
    ['login failed, password=geheim!, try again', 'login failed, password=[redacted], try again'],
    ['{\\"password\\": \\"geheim\\", \\"a\\": 1}', '{\\"password\\": [redacted], \\"a\\": 1}'],
    ['{"password": "ge\\"heim", "a": 1}', '{"password":"[redacted]","a":1}'],
    ['{"password": "ge\\"heim", "a": 1', '{"password": [redacted], "a": 1'],
    ["psk: 'a b'\nssid: x", 'psk: [redacted]\nssid: x'],
    ['{"a": [{"pin": 1234}]}', '{"a":[{"pin":"[redacted]"}]}'],
    ['{"a": "{\\"token\\":\\"x\\"}"}', '{"a":"{\\"token\\":\\"[redacted]\\"}"}'],
    [Buffer.from(PEM).toString('base64'), REDACTED],
    [Buffer.from(OVPN).toString('base64'), REDACTED],
    [Buffer.from('{"nested": {"password": "geheim"}}').toString('base64url'), REDACTED],
    [`data:application/json;base64,${Buffer.from('{"secret": "geheim"}').toString('base64')}`, REDACTED],
    ['MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7', REDACTED],
  ];
  for (const [text, shown] of texts) {
    it(`hides what a text shows: ${JSON.stringify(text.slice(0, 60))}`, () => {
      expect(redact(text)).to.equal(shown);
      expect(redact({ a: [text] })).to.deep.equal({ a: [shown] });
      expect(redact(shown), 'twice').to.equal(shown);
    });
  }

  it('leaves alone texts in which nothing is secret', () => {
    const texts = [
      '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----',
      'The password must have 8 characters at least.',
      'https://example.com:8443/a?b=c@d:e',
      '{"a": 1, "b": [true, null]}',
      Buffer.from('only a text that says nothing of the kind').toString('base64'),
      'basic configuration',
      'a token ring',
    ];
    for (const text of texts) expect(redact(text)).to.equal(text);
  });

  it('hides what was sent wherever it comes back', () => {
    const values = secretValues({ password: 'geheim-12', pins: [4711], token: { a: 'xy' } }, new Set());
    expect(values).to.have.members(['geheim-12', '4711']);
    const known = { names: new Set<string>(), values };
    expect(
      redact({ a: '"geheim-12" is bad', 'geheim-12': 4711, b: 'pin 4711, not 47110' }, known),
    ).to.deep.equal({
      a: '"[redacted]" is bad',
      '[redacted]': REDACTED,
      b: 'pin [redacted], not 47110',
    });
  });

  it('ends soon, whatever it is given', () => {
    const parts =
      '-----BEGIN PRIVATE KEY-----|<key>|://a:|password="|password="\\|password=\\"|pwd=\'|{"a":|[|"|eyJaaaaaaaaaa.|bearer |a|://|LS0tLS1CRUdJTiBQ|\\|MII|sig=|?sig|pin|token:|Private-Lines:| ';
    for (const part of parts.split('|')) {
      const text = part.repeat(1_000_000 / part.length);
      const cost = costOf(() => {
        redact(text);
        redact(Array.from({ length: 1000 }, () => text.slice(0, 1000)));
        redact(Array.from({ length: 50_000 }, () => part));
      });
      // What grows with the square of a megabyte takes hours.
      expect(cost, part).to.be.lessThan(20_000);
    }
  });
});
