import { expect } from 'chai';
import { TPE_OPERATIONS } from '../../../nodes/manager/catalogue/operation-set.js';
import { OPERATIONS } from '../../../nodes/manager/catalogue/operations.js';

const pathOf = (method: string, path: string) => TPE_OPERATIONS.find(method, path)?.path;

describe('finding the operation of a request', () => {
  it('finds every operation by a concrete path', () => {
    for (const { method, path } of OPERATIONS) {
      const found = TPE_OPERATIONS.find(method, path.replaceAll(/\{\w+\}/g, '7'));
      // Two operations may differ only in what they call the placeholder.
      const shape = (template: string | undefined) => template?.replaceAll(/\{\w+\}/g, '{}');
      expect(shape(found?.path), `${method} ${path}`).to.equal(shape(path));
    }
  });

  it('prefers what is written out to a placeholder', () => {
    expect(pathOf('PUT', '/apps/cloud/stop')).to.equal('/apps/{appname}/stop');
    expect(pathOf('PUT', '/apps/cloud/dance')).to.equal('/apps/{appname}/{action}');
    expect(pathOf('PUT', '/users/me')).to.equal('/users/me');
    expect(pathOf('PUT', '/users/3')).to.equal('/users/{id}');
  });

  it('goes back to the placeholder where the written-out branch ends blind', () => {
    // GET /tags/monitor/system/{...} has literals below `system`, but not this one.
    expect(pathOf('GET', '/tags/monitor/system/fan')).to.equal('/tags/monitor/{provider}/{source}');
  });

  it('ignores the query and how the method is written', () => {
    expect(pathOf('get', '/events?limit=10&order=time')).to.equal('/events');
    expect(pathOf('Patch', '/device/general?')).to.equal('/device/general');
  });

  it('finds nothing where there is nothing', () => {
    for (const path of ['', '/', '/nothing', '/device', '/device/general/x', '/upgrades/1/start/now']) {
      expect(TPE_OPERATIONS.find('GET', path), path).to.equal(null);
    }
    expect(TPE_OPERATIONS.find('DELETE', '/device/general')).to.equal(null);
  });
});
