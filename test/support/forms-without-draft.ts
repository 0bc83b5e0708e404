/**
 * Why a component in which something is typed keeps no draft itself: a form around it does, it asks before it is left, or what is typed there is
 * not worth it.
 */
export type WithoutDraft = { partOf: string } | { asks: string } | { because: string };

const SEARCH = { because: 'It is one search, which the address keeps or which is typed again in a moment.' };
const ONE_TEXT = { because: 'It is one short text.' };
const CONFIRMS = {
  because: 'What is typed confirms what is seen at that moment, so it has to be typed at that moment.',
};
const JOB = { partOf: 'ui-tpe-jobs/browser/NewJob.vue' };
const COMMAND = { partOf: 'ui-tpe-commands/browser/CommandConsole.vue' };

export const FORMS_WITHOUT_DRAFT: Readonly<Record<string, WithoutDraft>> = {
  'client/components/CommandHistory.vue': SEARCH,
  'client/components/ConfirmDialog.vue': CONFIRMS,
  'client/components/GatewayPicker.vue': SEARCH,
  'client/components/InstallationHistory.vue': SEARCH,
  'client/components/SchemaField.vue': COMMAND,
  'client/components/StopDialog.vue': {
    because: 'Who stops everything is in a hurry, and must not stop what somebody meant to stop an hour ago.',
  },
  'client/components/ViewBar.vue': ONE_TEXT,
  'client/components/WhenField.vue': SEARCH,
  'ui-tpe-account/browser/FindPalette.vue': SEARCH,
  'ui-tpe-account/browser/PasswordDialog.vue': {
    asks: 'Passwords are never kept, so it asks before they are lost.',
  },
  'ui-tpe-alarms/browser/ActDialog.vue': {
    because: 'It is one text, about alarms that were chosen, and the choice ends with the page.',
  },
  'ui-tpe-alarms/browser/LengthField.vue': { partOf: 'ui-tpe-alarms/browser/RuleForm.vue' },
  'ui-tpe-audit/browser/AuditTrail.vue': SEARCH,
  'ui-tpe-commands/browser/BodyForm.vue': COMMAND,
  'ui-tpe-commands/browser/CommandForm.vue': COMMAND,
  'ui-tpe-commands/browser/OperationList.vue': SEARCH,
  'ui-tpe-gateways/browser/SelectionBar.vue': ONE_TEXT,
  'ui-tpe-gateways/browser/TableFilters.vue': SEARCH,
  'ui-tpe-gateways/browser/TablePages.vue': {
    because: 'It is the number of a page, which the address keeps.',
  },
  'ui-tpe-gateways/browser/TableTools.vue': SEARCH,
  'ui-tpe-jobs/browser/CancelDialog.vue': CONFIRMS,
  'ui-tpe-jobs/browser/CommandPart.vue': JOB,
  'ui-tpe-jobs/browser/ConditionPart.vue': JOB,
  'ui-tpe-jobs/browser/ExecutionTable.vue': SEARCH,
  'ui-tpe-jobs/browser/FaultPart.vue': JOB,
  'ui-tpe-jobs/browser/HoldTable.vue': SEARCH,
  'ui-tpe-jobs/browser/HowPart.vue': JOB,
  'ui-tpe-jobs/browser/JobList.vue': SEARCH,
  'ui-tpe-jobs/browser/PreviewReview.vue': CONFIRMS,
  'ui-tpe-jobs/browser/ReleaseDialog.vue': CONFIRMS,
  'ui-tpe-jobs/browser/ReviewPart.vue': JOB,
  'ui-tpe-jobs/browser/SitesPage.vue': SEARCH,
  'ui-tpe-jobs/browser/StepsPart.vue': JOB,
  'ui-tpe-jobs/browser/WhoPart.vue': JOB,
  'ui-tpe-jobs/browser/WindowFields.vue': { partOf: 'ui-tpe-jobs/browser/SiteForm.vue' },
};
