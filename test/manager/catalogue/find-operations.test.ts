import { expect } from 'chai';
import type { Language } from '../../../nodes/api/words/languages.js';
import { operationWords } from '../../../nodes/api/words/operation-words.js';
import { findOperations } from '../../../nodes/manager/catalogue/find-operations.js';
import { OPERATIONS } from '../../../nodes/manager/catalogue/operations.js';
import { taskOf } from '../../../nodes/manager/catalogue/task-of.js';

/** What somebody types, and an operation that must be among the first three. */
const SEARCHES: Record<Language, [search: string, id: string][]> = {
  'en-US': [
    ['ssh', 'put-system-sshserver-set-system-sshserver'],
    ['apn', 'patch-device-cellulars-id-set-one-device-cellulars-auto-detect'],
    ['sim', 'patch-device-cellulars-id-set-one-device-cellulars-auto-detect'],
    ['time', 'patch-device-time-set-device-time-time-timezone'],
    ['ntp', 'patch-device-time-set-device-time-ntp-gps-sync'],
    ['reboot', 'put-system-reboot-reboot-device-now'],
    ['restart gateway', 'put-system-reboot-reboot-device-now'],
    ['modbus csv', 'post-modbusmaster-control-config-mcmds-import'],
    ['static ip', 'patch-device-ethernets-id-update-one-device-ethernets-static'],
    ['ip address', 'patch-device-ethernets-id-update-one-device-ethernets-static'],
    ['dhcp', 'patch-device-ethernets-id-update-one-device-ethernets-dhcp'],
    ['dns', 'put-device-dns'],
    ['hostname', 'patch-device-general-set-device-general'],
    ['serial number', 'get-device-general-get-device-general'],
    ['firmware', 'post-upgrades-post-one-upgrades'],
    ['install update', 'post-upgrades-post-one-upgrades'],
    ['factory reset', 'put-system-reset-default-reset-to-factory-default'],
    ['baud rate', 'patch-device-serials-id-set-one-device-serials'],
    ['rs485', 'patch-device-serials-id-set-one-device-serials'],
    ['restart app', 'put-apps-appname-restart-restart-one-apps'],
    ['certificate', 'get-secrets-certificates'],
    ['user password', 'put-users-id-password'],
    ['add user', 'post-users'],
    ['wifi', 'patch-device-wifi-id'],
    ['relay', 'patch-device-io-do-channel'],
    ['vpn', 'put-openvpn'],
    ['/device/dns', 'put-device-dns'],
    ['GET all /apps', 'get-apps-get-all-apps'],
    ['storage', 'get-device-general-get-device-general'],
  ],
  de: [
    ['ssh', 'put-system-sshserver-set-system-sshserver'],
    ['feste ip', 'patch-device-ethernets-id-update-one-device-ethernets-static'],
    ['netzmaske', 'patch-device-ethernets-id-update-one-device-ethernets-static'],
    ['uhrzeit', 'patch-device-time-set-device-time-time-timezone'],
    ['zeitzone', 'patch-device-time-set-device-time-time-timezone'],
    ['neustart', 'put-system-reboot-reboot-device-now'],
    ['neu starten', 'put-system-reboot-reboot-device-now'],
    ['werkseinstellungen', 'put-system-reset-default-reset-to-factory-default'],
    ['mobilfunk', 'patch-device-cellulars-id-set-one-device-cellulars-auto-detect'],
    ['zertifikate', 'get-secrets-certificates'],
    ['benutzer hinzufügen', 'post-users'],
    ['wlan', 'patch-device-wifi-id'],
    ['speicher', 'get-device-general-get-device-general'],
    ['modbus csv', 'post-modbusmaster-control-config-mcmds-import'],
    ['anwendung neu starten', 'put-apps-appname-restart-restart-one-apps'],
  ],
  ja: [
    ['再起動', 'put-system-reboot-reboot-device-now'],
    ['時刻', 'patch-device-time-set-device-time-time-timezone'],
    ['タイムゾーン', 'patch-device-time-set-device-time-time-timezone'],
    ['固定IP', 'patch-device-ethernets-id-update-one-device-ethernets-static'],
    ['固定 ip', 'patch-device-ethernets-id-update-one-device-ethernets-static'],
    ['証明書', 'get-secrets-certificates'],
    ['ssh', 'put-system-sshserver-set-system-sshserver'],
    ['apn', 'patch-device-cellulars-id-set-one-device-cellulars-auto-detect'],
    ['工場出荷', 'put-system-reset-default-reset-to-factory-default'],
    ['ユーザー 追加', 'post-users'],
    ['アプリ 再起動', 'put-apps-appname-restart-restart-one-apps'],
    ['modbus csv', 'post-modbusmaster-control-config-mcmds-import'],
  ],
  'zh-TW': [
    ['重新啟動', 'put-system-reboot-reboot-device-now'],
    ['重開機', 'put-system-reboot-reboot-device-now'],
    ['時區', 'patch-device-time-set-device-time-time-timezone'],
    ['固定 IP', 'patch-device-ethernets-id-update-one-device-ethernets-static'],
    ['憑證', 'get-secrets-certificates'],
    ['ssh', 'put-system-sshserver-set-system-sshserver'],
    ['apn', 'patch-device-cellulars-id-set-one-device-cellulars-auto-detect'],
    ['出廠', 'put-system-reset-default-reset-to-factory-default'],
    ['新增使用者', 'post-users'],
    ['modbus csv', 'post-modbusmaster-control-config-mcmds-import'],
  ],
};

describe('finding operations', () => {
  const inLanguage = (language: Language) => {
    const { tasks, categories } = operationWords(language);
    return OPERATIONS.map(({ id, category, name, method, path, refusedBecause }) => ({
      ...{ id, category, name, method, path },
      task: tasks[taskOf({ id, name })] ?? taskOf({ id, name }),
      categoryTitle: categories[category] ?? category,
      ...(refusedBecause !== null && { refusedBecause }),
    }));
  };

  for (const [language, searches] of Object.entries(SEARCHES) as [Language, [string, string][]][]) {
    const operations = inLanguage(language);
    for (const [search, id] of searches) {
      it(`in ${language} by "${search}"`, () => {
        const first = findOperations(operations, search).slice(0, 3);
        expect(first.map((one) => one.id)).to.include(id);
      });
    }
  }

  it('finds nothing by a word that no operation has', () => {
    expect(findOperations(inLanguage('en-US'), 'ssh zebra')).to.deep.equal([]);
  });

  it('leaves all in their order where nothing is searched', () => {
    expect(findOperations(inLanguage('en-US'), '  ').map(({ id }) => id)).to.deep.equal(
      OPERATIONS.map(({ id }) => id),
    );
  });
});
