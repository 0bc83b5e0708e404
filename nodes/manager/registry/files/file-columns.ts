import type { Device, Registration } from '../device.js';

/** What import takes. */
export const IMPORT_COLUMNS = [
  'clientid',
  'username',
  'password',
  'site',
  'note',
  'tags',
  'enabled',
] as const satisfies readonly (keyof Registration)[];
export type ImportColumn = (typeof IMPORT_COLUMNS)[number];

/** What export writes: what import takes again, but no secrets, and what is known beside; import passes that over. */
export const EXPORT_COLUMNS = [
  'clientid',
  'username',
  'site',
  'note',
  'tags',
  'enabled',
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

/** What a password file has: what a person enters on the MQTT page of a gateway. */
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

/** What the answers of our REST calls and TPEDM's have beside. */
const REST_COLUMNS = [
  'connectionStatus',
  'connectionStatusUpdatedAt',
  'statusReason',
  'statusSource',
  'statusWarning',
  'refusedLogin',
  'deviceType',
];

/** As people and other programs call what import takes; case, blanks and signs do not count. */
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
};

/** `Client ID`, `client-id` and `clientId` are one. */
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

/** The column that a name in a file stands for; null where nobody knows it. */
export function columnNamed(name: string): string | null {
  return KNOWN.get(folded(name)) ?? null;
}

export function isImported(column: string): column is ImportColumn {
  return (IMPORT_COLUMNS as readonly string[]).includes(column);
}

/** Beside it, what is called password is a hash, as in TPEDM's table of users. */
export function isSalt(name: string): boolean {
  return folded(name) === 'salt';
}
