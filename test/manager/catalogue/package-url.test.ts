import { expect } from 'chai';
import { describe, it } from 'mocha';
import { packageUrlRule } from '../../../nodes/manager/catalogue/package-url.js';

const own = packageUrlRule('https://repo.example.com:9443/api/v1/', [
  'mirror.example.com',
  'mirror.example.com:8443',
]);
const urlOf = (rule: typeof own, text: unknown) => {
  const read = rule(text);
  return 'url' in read ? read.url : null;
};
const faultOf = (text: unknown) => {
  const read = own(text);
  return 'fault' in read ? read.fault.text : null;
};

describe('URLs of packages', () => {
  it('must be https and of a host that is known, with its port', () => {
    const good = [
      'https://files.thingsprocloud.com/a.yaml',
      'https://repo.example.com/a.yaml',
      'https://repo.example.com:9443/a.yaml',
      'https://mirror.example.com:8443/a/b.yaml?se=2026-01-01&sig=a%2Bb',
    ];
    for (const url of good) expect(urlOf(own, url), url).to.equal(url);
    const bad = [
      'x',
      '',
      'ftp://repo.example.com/a',
      'http://repo.example.com/a',
      'https://evil.example.com/a',
      'https://repo.example.com.evil.com/a',
      'https://files.thingsprocloud.com:8080/a',
      'https://mirror.example.com:444/a',
      'https://sub.mirror.example.com/a',
      null,
      7,
      ['https://repo.example.com/a'],
    ];
    for (const url of bad) expect(faultOf(url), String(url)).to.be.a('string');
    expect(faultOf('https://evil.example.com/a'))
      .to.contain('evil.example.com')
      .and.contain('TPE_REPO_HOSTS');
  });

  it('may be plain http from a repository that is, and from no other host', () => {
    const plain = packageUrlRule('http://10.0.0.5:8080/packages.json', []);
    for (const url of ['http://10.0.0.5/a.yaml', 'http://10.0.0.5:8080/a.yaml', 'https://10.0.0.5/a.yaml']) {
      expect(urlOf(plain, url), url).to.equal(url);
    }
    for (const url of [
      'http://10.0.0.6/a.yaml',
      'http://10.0.0.5:81/a.yaml',
      'http://files.thingsprocloud.com/a',
    ]) {
      expect(urlOf(plain, url), url).to.equal(null);
    }
  });

  it('are sent as the parser wrote them', () => {
    expect(urlOf(own, 'HTTPS://MIRROR.example.com/a/../b/./c.yaml')).to.equal(
      'https://mirror.example.com/b/c.yaml',
    );
    expect(urlOf(own, 'https://mirror.example.com:443/a')).to.equal('https://mirror.example.com/a');
    expect(urlOf(own, 'https://mirror.example.com')).to.equal('https://mirror.example.com/');
  });

  // What our parser takes for one host, and the gateway's perhaps for another.
  const tricks = [
    'https://files.thingsprocloud.com\\@evil.example/x.yaml',
    'https:\\\\files.thingsprocloud.com/x.yaml',
    'https:/files.thingsprocloud.com/x.yaml',
    'https:files.thingsprocloud.com/x.yaml',
    'https:///files.thingsprocloud.com/x.yaml',
    '//files.thingsprocloud.com/x.yaml',
    ' https://files.thingsprocloud.com/x.yaml',
    'https://files.thingsprocloud.com/x.yaml\n',
    'ht\ntps://files.thingsprocloud.com/x.yaml',
    'https://files.thingsprocloud.com/x\tyaml',
    'https://files.thingspro\u00adcloud.com/x.yaml',
    'https://files.thingsprocloud.com\u3002/x.yaml',
    'https://ﬁles.thingsprocloud.com/x.yaml',
    'https://files.thingsprocloud.com./x.yaml',
    'https://files.thingsprocloud.com%2eevil.example/x.yaml',
    'https://files%2ethingsprocloud.com/x.yaml',
    'https://user@files.thingsprocloud.com/x.yaml',
    'https://user:password@files.thingsprocloud.com/x.yaml',
    'https://@files.thingsprocloud.com/x.yaml',
    'https://evil.example#@files.thingsprocloud.com/x.yaml',
    'https://files.thingsprocloud.com/x.yaml#part',
    'https://files.thingsprocloud.com:0443/x.yaml',
    'https://files.thingsprocloud.com:/x.yaml',
    'https://files.thingsprocloud.com/%0d%0aHost:%20evil.example',
    'https://files.thingsprocloud.com/%5c..%5cx',
    'https://files.thingsprocloud.com/%zz',
    `https://files.thingsprocloud.com/${'x'.repeat(2048)}`,
  ];
  for (const text of tricks) {
    it(`are not written ${JSON.stringify(text.slice(0, 80))}`, () => {
      expect(faultOf(text)).to.be.a('string');
    });
  }

  it('name an address as it is written always', () => {
    const local = packageUrlRule(null, ['127.0.0.1', '[::1]', 'xn--bcher-kva.example']);
    expect(urlOf(local, 'https://127.0.0.1/a')).to.equal('https://127.0.0.1/a');
    expect(urlOf(local, 'https://[::1]/a')).to.equal('https://[::1]/a');
    expect(urlOf(local, 'https://xn--bcher-kva.example/a')).to.equal('https://xn--bcher-kva.example/a');
    const odd = ['https://0x7f.1/a', 'https://2130706433/a', 'https://0177.0.0.1/a', 'https://127.1/a'];
    for (const url of [
      ...odd,
      'https://[0:0::1]/a',
      'https://[::ffff:7f00:1]/a',
      'https://bücher.example/a',
    ]) {
      expect(urlOf(local, url), url).to.equal(null);
    }
  });
});
