import { triggerRef } from 'vue';
import type { DashboardRouter, UiState } from '../../client/composables/use-pages.js';
import type { Language } from '../../client/i18n/language.js';

/** The names of the pages of the bundled flow. */
const NAMES: readonly Record<Language, string>[] = [
  { 'en-US': 'Fleet', de: 'Flotte', ja: 'フリート', 'zh-TW': '設備總覽' },
  { 'en-US': 'Alarms', de: 'Alarme', ja: 'アラーム', 'zh-TW': '警報' },
  { 'en-US': 'Gateways', de: 'Gateways', ja: 'ゲートウェイ', 'zh-TW': '閘道器' },
  { 'en-US': 'Gateway', de: 'Gateway', ja: 'ゲートウェイ詳細', 'zh-TW': '閘道器詳細資料' },
  { 'en-US': 'Commands', de: 'Befehle', ja: 'コマンド', 'zh-TW': '指令' },
  { 'en-US': 'Software updates', de: 'Software-Updates', ja: 'ソフトウェア更新', 'zh-TW': '軟體更新' },
  { 'en-US': 'Jobs', de: 'Jobs', ja: 'ジョブ', 'zh-TW': '作業' },
  { 'en-US': 'Register', de: 'Registrieren', ja: '登録', 'zh-TW': '註冊' },
  { 'en-US': 'Audit', de: 'Audit-Protokoll', ja: '監査ログ', 'zh-TW': '稽核紀錄' },
  { 'en-US': 'Users', de: 'Benutzer', ja: 'ユーザー', 'zh-TW': '使用者' },
];

/** Translates the name of a bundled page. A name that an integrator chose stays. */
function nameIn(language: Language, name: string): string {
  return NAMES.find((names) => Object.values(names).includes(name))?.[language] ?? name;
}

/** Translates the names of pages in the menu, the bar and the window title, because the dashboard has one name for all languages. */
export function namePages({ pages }: UiState, router: DashboardRouter, language: Language): void {
  for (const page of Object.values(pages)) {
    const name = nameIn(language, page.name);
    if (name !== page.name) page.name = name;
  }
  for (const { meta } of [...router.getRoutes(), router.currentRoute.value]) {
    if (typeof meta.title === 'string') meta.title = nameIn(language, meta.title);
  }
  document.title = nameIn(language, document.title);
  triggerRef(router.currentRoute);
}
