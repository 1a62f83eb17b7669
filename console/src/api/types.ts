import type { components } from '@/api/schema'

/** Short names for what the server sends. */
type Schemas = components['schemas']

export type StaffProfile = Schemas['StaffProfile']
/** Without what this client never shows as it comes: the server words the form, the answers and the pauses. */
export type ClerkCase = Omit<Schemas['ClerkCaseView'], 'answers' | 'form' | 'pauses'>
export type CaseRow = Schemas['ClerkCaseSummary']
export type Deadline = Schemas['DeadlineView']
export type Moment = Schemas['Milestone']
export type Licence = Schemas['LicenceView']
export type Parcel = Schemas['ClerkParcel']
export type Custody = Schemas['CustodyView']
export type Visit = Schemas['VisitView']
export type Holder = Schemas['HolderView']
export type Task = Schemas['TaskView']
export type Courier = Schemas['CourierProfile']
export type Parked = Schemas['ParkedView']
export type ChainReport = Schemas['AuditView']
export type RouteReport = Schemas['RouteReport']
export type Item = Schemas['ListedItem']
export type ItemVersion = Schemas['ItemVersion']
export type Chain = Schemas['ChainView']
