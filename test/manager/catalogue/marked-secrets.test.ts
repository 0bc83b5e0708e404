import { expect } from 'chai';
import { describe, it } from 'mocha';
import { isMarked } from '../../../nodes/manager/catalogue/marked-secrets.js';
import type { JsonSchema } from '../../../nodes/manager/catalogue/operation.js';
import { OPERATIONS } from '../../../nodes/manager/catalogue/operations.js';
import { subschemas } from '../../../nodes/manager/catalogue/validation/subschemas.js';
import { isSecretName } from '../../../nodes/manager/shared/redact.js';

function* fieldsOf(
  schema: JsonSchema,
  above = '',
): Generator<[place: string, name: string, schema: JsonSchema]> {
  for (const [[keyword, name = ''], inner] of subschemas(schema)) {
    const place = keyword === 'properties' ? `${above}/${name}` : above;
    if (keyword === 'properties') yield [place, name, inner];
    yield* fieldsOf(inner, place);
  }
}

const fields = OPERATIONS.flatMap(({ id, method, path, bodySchema, answerSchema }) =>
  [bodySchema, answerSchema].flatMap((schema) =>
    schema === null
      ? []
      : [...fieldsOf(schema)].map(([place, name, field]) => ({
          id,
          of: `${method} ${path}`,
          place,
          name,
          field,
        })),
  ),
);

describe('the secrets of the catalogue', () => {
  it('are marked wherever the name of a field says that it is one', () => {
    const unmarked = fields.filter(
      ({ name, field }) => isSecretName(name) && field.type !== 'boolean' && !isMarked(field),
    );
    expect(unmarked.map(({ id, place }) => `${id} ${place}`)).to.deep.equal([]);
  });

  it('are those that were found when all operations were read', () => {
    const marked = fields.filter(({ field }) => isMarked(field));
    expect([...new Set(marked.map(({ of, place }) => `${of} ${place}`))].sort()).to.deep.equal(REVIEWED);
  });
});

const REVIEWED = [
  'GET /device/cellulars/{id} /profiles/pinCode',
  'GET /device/wifi/{id} /data/ap/security/password',
  'GET /device/wifi/{id}/client/networks /data/security/password',
  'PATCH /azure-iotedge /downstreamCerts/caPkFile',
  'PATCH /azure-iotedge /provisioning/connectionString',
  'PATCH /azure-iotedge /provisioning/identityPk',
  'PATCH /azure-iotedge /provisioning/symmetricKey',
  'PATCH /device/cellulars /profiles/pdpContext/auth/password',
  'PATCH /device/cellulars /profiles/pinCode',
  'PATCH /device/cellulars/{id} /profiles/pdpContext/auth/password',
  'PATCH /device/cellulars/{id} /profiles/pinCode',
  'PATCH /device/wifi /data/ap/security/password',
  'PATCH /device/wifi /data/client/networks/security/password',
  'PATCH /device/wifi/{id} /data/ap/security/password',
  'PATCH /device/wifi/{id} /data/client/networks/security/password',
  'PATCH /device/wifi/{id}/client/networks/{uuid} /data/security/password',
  'PATCH /device/wifi/{id}/client/networks/{uuid} /password',
  'PATCH /logger/ftp/settings /auth/password',
  'PATCH /logger/ftp/settings /auth/privateKey',
  'PATCH /openvpn /profile',
  'PATCH /openvpn/dlm /profile',
  'PATCH /system/httpserver /key',
  'PATCH /system/httpserver /keyFile',
  'POST /auth /data/token',
  'POST /auth /password',
  'POST /azure-iotedge/services /data/token',
  'POST /device/wifi/{id}/client/networks /data/security/password',
  'POST /device/wifi/{id}/client/networks /password',
  'POST /logger/ftp/test-connection /auth/password',
  'POST /logger/ftp/test-connection /auth/privateKey',
  'POST /mqtt /certificate/caPkFile',
  'POST /mqtt /password',
  'POST /sparkplug/brokers /certificate/caPkFile',
  'POST /sparkplug/brokers /password',
  'POST /users /password',
  'PUT /auth/websocket-token /data/token',
  'PUT /aws /provisioning/certificate/caPkFile',
  'PUT /azure-device /data/provisioning/certificate/caPkFile',
  'PUT /azure-device /data/provisioning/connectionString',
  'PUT /azure-device /provisioning/certificate/caPkFile',
  'PUT /azure-device /provisioning/connectionString',
  'PUT /device/cellulars /profiles/pdpContext/auth/password',
  'PUT /device/cellulars /profiles/pinCode',
  'PUT /device/cellulars/{id} /profiles/pdpContext/auth/password',
  'PUT /device/cellulars/{id} /profiles/pinCode',
  'PUT /device/wifi/{id} /ap/password',
  'PUT /device/wifi/{id} /client/networks/security/password',
  'PUT /device/wifi/{id} /data/ap/password',
  'PUT /mqtt/{id} /certificate/caPkFile',
  'PUT /mqtt/{id} /password',
  'PUT /sparkplug /brokerList/certificate/caPkFile',
  'PUT /sparkplug /brokerList/password',
  'PUT /sparkplug/brokers /certificate/caPkFile',
  'PUT /sparkplug/brokers /password',
  'PUT /sparkplug/brokers/{id} /certificate/caPkFile',
  'PUT /sparkplug/brokers/{id} /password',
  'PUT /system/encrypt-storage /password',
  'PUT /system/upgrade /key',
  'PUT /users/me/password /newPassword',
  'PUT /users/me/password /oldPassword',
  'PUT /users/{id}/password /newPassword',
  'PUT /users/{id}/password /oldPassword',
];
