/**
 * The head-end's routes for gateways and technicians, over HTTPS alone. All but enrolment ask for the gateway's certificate, which tells
 * who asks. Every error is `{ error: { reason, say, path? } }`: 401 `unauthenticated`, 403 `token` (enrolment), 404, 400
 * `invalid`, 413 too large, 429 `too-many` with `retry-after` in seconds.
 */
export const fieldRoutes = {
  enrolments: '/field/v1/enrolments',
  renewals: '/field/v1/renewals',
  certificate: '/field/v1/certificate',
  assignment: '/field/v1/assignment',
  seen: (deviceId: string, sinceMs: number): string =>
    `/field/v1/devices/${encodeURIComponent(deviceId)}/seen?sinceMs=${Math.max(0, Math.floor(sinceMs))}`,
  reports: '/field/v1/reports',
} as const;
