/** What lists of gateways can be in the order of. */
export const DEVICE_SORTS = [
  'clientid',
  'name',
  'status',
  'since',
  'hostName',
  'modelName',
  'serialNumber',
  'site',
  'redundancy',
  'tpeVersion',
  'firmwareVersion',
  'biosVersion',
  'createdAt',
] as const;
export type DeviceSort = (typeof DEVICE_SORTS)[number];
