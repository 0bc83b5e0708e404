import { expect } from 'chai';
import { expiryText, wireRequest } from '../../../nodes/manager/protocol/request.js';

describe('commands: the request on the wire', () => {
  it("has exactly TPE's shape", () => {
    const sentAt = Date.UTC(2026, 10, 12, 11, 44, 0);
    const request = { path: '/system/sshserver', method: 'PUT', requestBody: { enable: true, port: 22 } };
    expect(wireRequest(request, '1650172027040', sentAt, 60_000)).to.equal(
      '{"path":"/system/sshserver","method":"PUT","headers":[{"request-expired-time":"2026-11-12 11:46:00"},' +
        '{"request-id":"1650172027040"}],"requestBody":{"enable":true,"port":22}}',
    );
  });

  it('writes the expiry in UTC, to the second, never earlier than meant', () => {
    expect(expiryText(Date.UTC(2026, 0, 2, 3, 4, 5))).to.equal('2026-01-02 03:04:05');
    expect(expiryText(Date.UTC(2026, 0, 2, 3, 4, 5, 1))).to.equal('2026-01-02 03:04:06');
    expect(expiryText(Date.UTC(2026, 11, 31, 23, 59, 59, 999))).to.equal('2027-01-01 00:00:00');
  });
});
