/** The operations whose last answers can be asked for. The index `tpe_command_last_answers` has the same ones. */
export const LAST_ANSWERED = [
  'get-device-general-get-device-general',
  'get-device-network-wan',
  'get-device-ethernets-get-all-device-ethernets',
  'get-device-cellulars-get-all-device-cellulars',
  'get-device-wifi',
  'get-device-dns-get-device-dns',
  'get-apps-get-all-apps',
] as const;
export type LastAnswered = (typeof LAST_ANSWERED)[number];
