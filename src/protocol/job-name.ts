/**
 * What people read where a job and its environment are one name: `jammy test`. The environment is left out where the
 * job's own name tells it, as that of `environment: ${axis}` does: `test (ham)`, not `ham test (ham)`.
 */
export function shownJobName({ job, environment }: { job: string; environment: string }): string {
  return tells(job, environment) ? job : `${environment} ${job}`;
}

function tells(job: string, environment: string): boolean {
  if (job === environment) return true;
  const values = /\((.*)\)$/.exec(job)?.[1];
  return values !== undefined && (values === environment || values.split(', ').includes(environment));
}
