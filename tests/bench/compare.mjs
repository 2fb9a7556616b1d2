// Ratios of our runs to the baseline's and to the raw yardsticks of the same minutes.
//   node compare.mjs RESULTS.jsonl   one JSON object a line, `peer` is "naive" or "phusa"
import fs from 'node:fs';

const runs = fs.readFileSync(process.argv[2], 'utf8').trim().split('\n').map((line) => JSON.parse(line));
const of = (peer, conc) => runs.filter((r) => r.peer === peer && r.conc === conc && !r.error);
const pick = (object, path) => path.split('.').reduce((o, key) => o?.[key], object);
const sorted = (list) => [...list].sort((a, b) => a - b);
const median = (list) => sorted(list)[list.length >> 1];
const number = (x) => (x >= 100 ? x.toFixed(0) : x >= 10 ? x.toFixed(1) : x.toPrecision(3));
const spread = (list) => `${number(median(list))} [${number(sorted(list)[0])}..${number(sorted(list).at(-1))}]`;

// what, field of ours, field of the baseline (or of ours: the raw yardstick), bound on the ratio or on ours alone
const ROWS = [
  ['bytes per record, first push', 'b_up_B_per_rec', 'b_up_B_per_rec', { ours_max: 16 }],
  ['bytes per record, corrections', 'b2_B_per', 'b2_B_per', {}],
  ['bytes per record, fresh pull', 'd_B_per_rec', 'd_B_per_rec', { ours_max: 16 }],
  ['bytes, two-way sync of 10 on a full device', 'c_sync10.bytes', 'c_sync10.bytes', { ours_max: 900 }],
  ['requests, two-way sync of 10', 'c_sync10.req', 'c_sync10.req', { ours_max: 1 }],
  ['bytes, two-way sync of nothing', 'c_sync0.bytes', 'c_sync0.bytes', { ours_max: 400 }],
  ['bytes, push of 10', 'c_push10.bytes', 'c_push10.bytes', {}],
  ['durable log, records/s, to the bare SQLite row', 'a_inserts_per_s', 'ours:a_raw_per_s', { ratio_min: 0.5 }],
  ['first push, records/s', 'b_rec_per_s', 'b_rec_per_s', { ratio_min: 1 }],
  ['server CPU s per 1,000 pushed', 'f_push_cpu_s_per_1000', 'f_push_cpu_s_per_1000', { ratio_max: 0.6 }],
  ['fresh pull, s, to the baseline', 'd_s', 'd_s', { ratio_max: 0.5 }],
  ['fresh pull, s, to the raw bulk insert', 'd_s', 'ours:d_raw_s', { ratio_max: 3 }],
  ['totals by unit and indicator, ms (HTTP included)', 'e_warm_ms', 'e_warm_ms', { ours_max: 2 }],
  ['bytes per record, each logged by an opening of its own', 'o_B_per_rec', null, {}],
  ['TLS: bytes per record, fresh pull', 't_B_per_rec', null, {}],
  ['TLS: bytes, two-way sync of 10, connection kept', 't_sync10.bytes', null, {}],
  ['TLS: bytes, two-way sync of nothing', 't_sync0.bytes', null, {}],
  ['phone store, bytes per own record', 'a_disk_B_per_rec', 'a_disk_B_per_rec', { ours_max: 180 }],
  ['phone store, bytes per pulled record', 'd_disk_B_per_rec', null, { ours_max: 180 }],
  ['server resident MiB after the push', 'f_push_rss_MiB', 'f_push_rss_MiB', { ours_max: 64 }],
];

let missed = 0;
for (const conc of [...new Set(runs.map((r) => r.conc))].sort()) {
  const ours = of('phusa', conc);
  const base = of('naive', conc);
  if (!ours.length) continue;
  console.log(`\n${conc} device(s) at a time; ours ${ours.length} run(s), baseline ${base.length}; median [least..most]\n`);
  console.log('| what | ours | yardstick | ratio | asked | |\n|---|---|---|---|---|---|');
  for (const [what, field, other, bound] of ROWS) {
    const mine = ours.map((r) => pick(r, field)).filter((x) => x !== undefined);
    if (!mine.length) continue;
    const fromOurs = other?.startsWith('ours:');
    const yard = !other ? [] : (fromOurs ? ours : base).map((r) => pick(r, fromOurs ? other.slice(5) : other));
    const known = yard.filter((x) => x !== undefined);
    const ratio = known.length ? median(mine) / median(known) : NaN;
    let asked = '';
    let ok = true;
    if (bound.ours_max !== undefined) (asked = `at most ${bound.ours_max}`), (ok = median(mine) <= bound.ours_max);
    if (bound.ratio_min !== undefined) (asked = `ratio at least ${bound.ratio_min}`), (ok = ratio >= bound.ratio_min);
    if (bound.ratio_max !== undefined) (asked = `ratio at most ${bound.ratio_max}`), (ok = ratio <= bound.ratio_max);
    if (!ok) missed++;
    const verdict = asked === '' || Number.isNaN(ratio) && bound.ours_max === undefined ? '' : ok ? 'met' : 'MISSED';
    console.log(`| ${what} | ${spread(mine)} | ${known.length ? spread(known) : '-'} | ${Number.isNaN(ratio) ? '-' : ratio.toFixed(2)} | ${asked} | ${verdict} |`);
  }
}
console.log(missed ? `\n${missed} figure(s) missed.` : '\nEvery figure met.');
