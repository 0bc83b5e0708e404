import { expect } from 'chai';
import { brokerHost } from '../../nodes/dashboard/client/composables/broker-host.js';

describe('the host that is entered on a gateway', () => {
  it('is what the server knows of a broker elsewhere', () => {
    expect(brokerHost('mqtt.example.com', 'dashboard.example.com')).to.equal('mqtt.example.com');
  });

  it('is the name by which the page was opened, for a broker on the same machine', () => {
    expect(brokerHost(null, 'manager.plant.local')).to.equal('manager.plant.local');
    expect(brokerHost(null, '192.0.2.7')).to.equal('192.0.2.7');
    expect(brokerHost(null, '[2001:db8::7]')).to.equal('2001:db8::7');
  });

  for (const own of ['localhost', '127.0.0.1', '127.1.2.3', '0.0.0.0', '[::1]', '::', '']) {
    it(`is not known from a page that was opened by "${own}"`, () => {
      expect(brokerHost(null, own)).to.equal(null);
    });
  }
});
