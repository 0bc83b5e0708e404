import { expect } from 'chai';
import { publicAddress } from '../../../nodes/node-red/http/public-address.js';
import { relativeReference } from '../../../nodes/node-red/http/relative-location.js';

describe('how browsers reach Node-RED', () => {
  const request = (headers: Record<string, string>, remoteAddress = '10.0.0.9') =>
    ({ headers, socket: { remoteAddress } }) as never;
  const isProxy = (address: string) => address === '10.0.0.5';

  it('is told by the host, by TPE_PUBLIC_URL, and by proxies whose word is taken; by nobody else', () => {
    const { isOwnPage } = publicAddress(new URL('https://plant.example/p1'), isProxy);
    const from = (origin: string, more: Record<string, string> = {}, address?: string) =>
      isOwnPage(request({ host: '127.0.0.1:1880', origin, ...more }, address));
    expect(isOwnPage(request({ host: '127.0.0.1:1880' }))).to.equal(true);
    expect(from('http://127.0.0.1:1880')).to.equal(true);
    expect(from('https://plant.example')).to.equal(true);
    for (const origin of [
      'http://plant.example',
      'https://plant.example:8443',
      'https://plant.example.evil',
      'null',
    ])
      expect(from(origin), origin).to.equal(false);
    const forwarded = { 'x-forwarded-host': 'evil.example, other.example:8443' };
    expect(from('https://other.example:8443', forwarded, '10.0.0.5')).to.equal(true);
    expect(from('https://evil.example', forwarded, '10.0.0.5')).to.equal(false);
    expect(from('https://other.example:8443', forwarded)).to.equal(false);
  });

  it('has the path of TPE_PUBLIC_URL, or of a proxy whose word is taken', () => {
    const prefix = { 'x-forwarded-prefix': '/plant2' };
    expect(publicAddress(new URL('https://a/p1'), isProxy).pathOf(request(prefix, '10.0.0.5'))).to.equal(
      '/p1/',
    );
    const { pathOf } = publicAddress(undefined, isProxy);
    expect(pathOf(request(prefix, '10.0.0.5'))).to.equal('/plant2/');
    expect(pathOf(request(prefix))).to.equal('/');
    expect(pathOf(request({ 'x-forwarded-prefix': '/a; Domain=evil' }, '10.0.0.5'))).to.equal('/');
    expect(publicAddress(new URL('https://a'), isProxy).pathOf(request({}))).to.equal('/');
  });

  it('goes from one address to another by a way that holds below any path', () => {
    for (const [from, target] of [
      ['/dashboard', '/dashboard/'],
      ['/dashboard', '/dashboard/login/?next=%2Fdashboard'],
      ['/dashboard/', '/dashboard/login/'],
      ['/dashboard/page/x?y=1', '/dashboard/login/?next=a'],
      ['/dashboard/login/', '/dashboard/'],
      ['/dashboard/login/?next=x', '/dashboard/page?clientid=a#b'],
      ['/', '/dashboard/a:b'],
      ['/a', '/a:b'],
      ['/a/b/', '/a/b/'],
      ['/a/b', '/a/'],
      ['/a/b/c', '/'],
    ] as const) {
      const reference = relativeReference(from, target);
      expect(reference).not.to.match(/^\//);
      for (const prefix of ['', '/plant1', '/a/b'])
        expect(new URL(reference, `http://h${prefix}${from}`).href).to.equal(`http://h${prefix}${target}`);
    }
  });
});
