import type { Device, Registration } from '../device.js';

/** The columns that import reads. */
export const IMPORT_COLUMNS = [
  'clientid',
  'username',
  'password',
  'site',
  'note',
  'tags',
  'enabled',
  'redundancy',
] as const satisfies readonly (keyof Registration)[];
export type ImportColumn = (typeof IMPORT_COLUMNS)[number];

/** The columns that export writes: those of import except the password, and what else is known, which import ignores. */
export const EXPORT_COLUMNS = [
  'clientid',
  'username',
  'site',
  'note',
  'tags',
  'enabled',
  'redundancy',
  'status',
  'since',
  'reason',
  'source',
  'warning',
  'ipAddress',
  'hostName',
  'modelName',
  'serialNumber',
  'tpeVersion',
  'firmwareVersion',
  'biosVersion',
  'description',
  'createdAt',
  'profileUpdatedAt',
] as const satisfies readonly (keyof Device)[];

/** The columns of a password file: the settings that a person enters on the MQTT page of a gateway. */
export const PASSWORD_COLUMNS = [
  'clientid',
  'username',
  'password',
  'host',
  'port',
  'tls',
  'caCertificate',
  'mqttVersion',
  'requestTopic',
  'responseTopic',
  'qos',
  'retain',
] as const;

/** Other fields of gateways in the answers of our REST API and TPEDM's, which import ignores. */
const REST_COLUMNS = [
  'connectionStatus',
  'connectionStatusUpdatedAt',
  'cause',
  'statusReason',
  'statusCause',
  'statusSource',
  'warningCause',
  'statusWarning',
  'statusWarningCause',
  'refusedLogin',
  'deviceType',
];

/** Other names of the columns of import, as people and programs write them. Case, spaces and punctuation do not matter. */
const OTHER_NAMES: Record<ImportColumn, readonly string[]> = {
  clientid: [
    'MQTT client id',
    'Client identifier',
    'クライアントID',
    'MQTT クライアント ID',
    '用戶端 ID',
    '客戶端 ID',
  ],
  username: [
    'User',
    'MQTT username',
    'Benutzername',
    'Benutzer',
    'ユーザー名',
    'ユーザ名',
    '使用者名稱',
    '使用者',
  ],
  password: ['MQTT password', 'Passwort', 'Kennwort', 'パスワード', '密碼'],
  site: ['Location', 'Standort', '拠点', 'サイト', '場所', '站點', '地點'],
  note: ['Notes', 'Comment', 'Notiz', 'Notizen', 'Bemerkung', '備考', 'メモ', '備註', '註記'],
  tags: ['Tag', 'Schlagwörter', 'Schlagworte', 'タグ', '標籤'],
  enabled: ['Active', 'Aktiv', 'Aktiviert', 'Freigegeben', '有効', '啟用', '已啟用'],
  redundancy: ['Redundancy set', 'Redundancy group', 'Redundanzgruppe', '冗長グループ', '備援群組'],
};

/** Reduces a name to letters and digits in lower case, so that `Client ID`, `client-id` and `clientId` are the same. */
function folded(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}

const KNOWN = new Map<string, string>([
  ...[...EXPORT_COLUMNS, ...PASSWORD_COLUMNS, ...REST_COLUMNS].map((name) => [folded(name), name] as const),
  ...Object.entries(OTHER_NAMES).flatMap(([column, names]) =>
    names.map((name) => [folded(name), column] as const),
  ),
  ...IMPORT_COLUMNS.map((name) => [folded(name), name] as const),
]);

/** Finds the column that a name in a file stands for; null if it is unknown. */
export function columnNamed(name: string): string | null {
  return KNOWN.get(folded(name)) ?? null;
}

/** True for a column that import reads. */
export function isImported(column: string): column is ImportColumn {
  return (IMPORT_COLUMNS as readonly string[]).includes(column);
}

/** True for a column of salts. A file with one has hashes in its password column, as TPEDM's table of users does. */
export function isSalt(name: string): boolean {
  return folded(name) === 'salt';
}
