// The chart of a case: steady rates of millrace and its peers, the fastest first, whoever that is.
import { barChart } from '../harness/bar-chart.ts';
import { rounded } from '../harness/report.ts';
import type { Summary } from './figures.ts';

/** Steady rates and, below, cold starts. */
export function peerChart(title: string, summaries: readonly Summary[]): string {
  const isOwn = ({ peer }: Summary) => peer === 'millrace';
  const rates = [...summaries].sort((left, right) => (right.steadyRate ?? 0) - (left.steadyRate ?? 0));
  const starts = [...summaries]
    .filter(({ coldStartSeconds }) => coldStartSeconds !== null)
    .sort((left, right) => (left.coldStartSeconds ?? 0) - (right.coldStartSeconds ?? 0));
  return barChart(title, [
    {
      title: 'records a second, starts excluded (longer is better)',
      bars: rates.map((summary) => ({
        label: summary.peer,
        value: summary.steadyRate,
        text: summary.steadyRate === null ? reason(summary) : `${rounded(summary.steadyRate / 1e6)} M`,
        isOwn: isOwn(summary),
      })),
    },
    {
      title: 'from a cold start to the result of 10,000 records (shorter is better)',
      bars: starts.map((summary) => ({
        label: summary.peer,
        value: summary.coldStartSeconds,
        text: `${rounded(summary.coldStartSeconds ?? 0)} s`,
        isOwn: isOwn(summary),
      })),
    },
  ]);
}

function reason({ wrongRuns, failedRuns }: Summary): string {
  if (wrongRuns > 0) return 'wrong result, not timed';
  return failedRuns > 0 ? 'failed' : 'not measured';
}
