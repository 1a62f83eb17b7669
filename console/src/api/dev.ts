import { transport } from '@/api/transport'

/** The test accounts of a development server; in production these addresses do not exist. */
export interface DemoStaff {
  username: string
  name: string
  role: string
  department: string
}

async function ask<T>(request: Request): Promise<T | null> {
  const response = await transport(request)
  return response.ok ? ((await response.json()) as { data: T }).data : null
}

export async function demoStaff(): Promise<DemoStaff[]> {
  return (await ask<DemoStaff[]>(new Request(new URL('/api/open/dev/staff', window.location.origin)))) ?? []
}

export async function demoCredentials(username: string): Promise<{ password: string; totp: string } | null> {
  const address = new URL('/api/open/dev/staff-credentials', window.location.origin)
  const headers = { 'Content-Type': 'application/json' }
  return ask(new Request(address, { method: 'POST', headers, body: JSON.stringify({ username }) }))
}
