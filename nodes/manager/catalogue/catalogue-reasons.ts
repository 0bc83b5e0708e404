import { defineReasons } from '../shared/reason.js';

/** Why a request is refused whoever sends it, and why an operation cannot be changed. */
export const catalogueReason = defineReasons({
  'path-refused':
    '"{path}" is refused always: it would change who may use the gateway, or how it is reached.',
  'path-over-encoded': 'The path is percent-encoded over and over: write it plainly.',
  'operation-not-over-mqtt': '{method} {path} cannot be done over MQTT: its {why}.',
  'source-refused': 'Gateways are not told to load from {source} ({place}): {fault}.',
  'source-in-query':
    'Where a gateway loads from stands in the body, not in the query ({field}): leave it out there.',
  'source-insecure':
    'Gateways are not told to accept any certificate of where they load from ({place}): leave it out, and give the gateway the CA.',
  'image-without-registry': 'it is no image with its registry: registry.example.com/name:tag',
  'registry-not-allowed':
    'the registry {host} is not allowed: add it to the hosts of the software repository (TPE_REPO_HOSTS)',
  'no-python-package': 'it is no name of a package with a version: requests==2.32.3',
  'no-debian-package': 'it is no name or version of a Debian package',
  'too-many-custom-operations': 'There are {count} custom operations already: remove some.',
  'custom-operations-too-large':
    'All custom operations together have {size} MB at most: remove some. Nothing was written.',
  'custom-operation-unknown': 'There is no custom operation {operation}.',
  'operation-of-the-pack': 'The operation {operation} came with the pack and cannot be removed.',
  'operation-of-others':
    'The operation {operation} is a row of dm_operation, which others put there: it is removed there, not here.',
});
