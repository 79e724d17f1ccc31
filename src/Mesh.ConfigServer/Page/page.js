'use strict';

const everyMs = 2000;
const patienceMs = 10000;

// What each cell shows, so that a cell which did not change is left alone: text somebody selects stays selected.
const shown = new WeakMap();

// A cell is a list of lines, a line is [text, class] or [text, action, what] for a button. Everything goes through textContent: documents and reports are
// written by others.
function show(td, lines, column) {
  const content = JSON.stringify(lines);
  if (shown.get(td) === content) {
    return;
  }
  shown.set(td, content);
  td.dataset.column = column;
  td.replaceChildren(...lines.map(([text, word, what]) => {
    const line = document.createElement('div');
    const part = document.createElement(what === undefined ? 'span' : 'button');
    part.textContent = text;
    if (what === undefined) {
      part.className = word ?? '';
    } else {
      part.type = 'button';
      part.dataset.action = word;
      part.dataset.what = what;
    }
    line.append(part);
    return line;
  }));
}

function fill(id, rows, empty) {
  const table = document.querySelector(`#${id}`);
  const columns = [...table.tHead.rows[0].cells].map(th => th.textContent);
  const body = table.tBodies[0];
  if (rows.length === 0) {
    const td = document.createElement('td');
    td.className = 'empty';
    td.colSpan = columns.length;
    td.textContent = empty;
    const tr = document.createElement('tr');
    tr.append(td);
    body.replaceChildren(tr);
    return;
  }
  if (body.querySelector('td.empty')) {
    body.replaceChildren();
  }
  while (body.rows.length > rows.length) {
    body.deleteRow(-1);
  }
  rows.forEach((cells, r) => {
    const tr = body.rows[r] ?? body.insertRow();
    cells.forEach((lines, c) => show(tr.cells[c] ?? tr.insertCell(), lines, columns[c]));
  });
}

const revisionOf = r => `${r.datacenter}@${r.modifyIndex}#${r.hash}`;
const problem = p => [`${p.path || '/'}: ${p.message}`];
const ignored = p => [`ignored ${p.path || '/'}: ${p.message}`, 'quiet'];
const count = (n, word) => `${n} ${word}${n === 1 ? '' : 's'}`;

const offWords = s => [...(s.bypass ? ['bypass'] : []), ...s.off.map(m => `${m} off`)].join(', ');

function thrown(s) {
  if (!s) {
    return [];
  }
  const until = s.until ? (s.expired ? `, over since ${s.until}` : ` until ${s.until}`) : '';
  return [[`${offWords(s) || 'nothing off'}${until}`, s.expired ? 'quiet' : 'switched']];
}

const whoAndWhy = ({ owner, by, why, ticket } = {}) =>
  [[by ?? owner, why].filter(Boolean).join(': '), ticket].filter(Boolean).join(', ');

// Who and why are known of the revision in force, which need not be the newest.
function inForce(d) {
  if (!d.lastGood) {
    return [['nothing', 'quiet']];
  }
  const same = revisionOf(d.lastGood) === revisionOf(d.revision);
  const words = whoAndWhy(d.meta);
  return [
    same ? ['this revision'] : [revisionOf(d.lastGood), 'code revision'],
    ...thrown(d.switch),
    ...(words ? [[words, 'quiet']] : []),
  ];
}

function showDocuments(list) {
  fill('documents', [
    ...list.documents.map(d => [
      [[d.key, 'code key'], ['History', 'history', d.key]],
      [[d.state, `badge ${d.state}`]],
      [[revisionOf(d.revision), 'code revision']],
      inForce(d),
      [...d.problems.map(problem), ...d.ignored.map(ignored)],
    ]),
    ...list.unknownKeys.map(p => [[[p.path, 'code key']], [['unknown key', 'badge misplaced']], [], [], [[p.message]]]),
  ], 'No documents: every call lives by the built-in defaults. ' +
    `Write one to Consul KV, for example to ${list.mesh}/policy/global.`);
}

const departures = d => d.state === 'applied'
  ? []
  : [[`${d.key}: ${d.state}`, d.state], ...d.problems.map(problem), ...d.ignored.map(ignored)];
const switched = s => [`${s.upstream}: ${offWords(s)}`, 'switched'];

function age(from, to) {
  const seconds = Math.max(0, Math.round((to - Date.parse(from)) / 1000));
  return seconds < 120 ? `${seconds} s ago` : `${Math.round(seconds / 60)} min ago`;
}

function showClients(list, now) {
  fill('clients', list.clients.map(({ lastSeen, report }) => [
    [[report.service], ...(report.version ? [[report.version, 'quiet']] : [])],
    [[report.instance, 'code']],
    [[report.source]],
    report.hash ? [[report.hash, 'code hash']] : [],
    report.documents.flatMap(departures),
    report.switches.map(switched),
    [[age(lastSeen, now), 'age']],
  ]), 'No client has reported yet.');
}

const mostCallers = 10;
const outlooks = {
  callers: 'would break', nobody: 'nobody would break', 'too-early': 'too early to say', 'no-identity': 'no identity',
};

function outlook({ state, detail, callers }, now) {
  const rest = callers.length - mostCallers;
  return [
    [outlooks[state] ?? state, `badge ${state}`],
    [detail],
    ...callers.slice(0, mostCallers).map(c =>
      [`${c.caller}${c.rule ? ` by ${c.rule}` : ''}: ${c.count}, last ${age(c.lastSeen, now)}, at ${count(c.instances, 'instance')}`, 'caller']),
    ...(rest > 0 ? [[`and ${rest} more, see /v1/doors`, 'quiet']] : []),
  ];
}

function showDoors(list, now) {
  fill('doors', list.doors.map(d => [
    [[d.service], [`${count(d.instances, 'instance')}, ${d.identified} with identity`, 'quiet']],
    [[`TLS ${d.strict.inForce.join(', ') || 'unknown'}`], [`intentions ${d.enforce.inForce.join(', ') || 'unknown'}`]],
    outlook(d.strict, now),
    outlook(d.enforce, now),
  ]), 'No service has told of its door yet.');
}

async function get(path) {
  let answer;
  try {
    answer = await fetch(path, { cache: 'no-store', signal: AbortSignal.timeout(patienceMs) });
  } catch (error) {
    throw new Error('The desk does not answer. Below is what it said last.', { cause: error });
  }
  if (!answer.ok) {
    throw new Error((await answer.json().catch(() => ({}))).detail ?? `${path}: ${answer.status}`);
  }
  // Ages are by the desk's clock: this machine's may be wrong.
  return { now: Date.parse(answer.headers.get('Date')) || Date.now(), body: await answer.json() };
}

function summarize(text, className) {
  const summary = document.querySelector('#summary');
  summary.className = className;
  // Readers of screens say it again whenever it is written.
  if (summary.textContent !== text) {
    summary.textContent = text;
  }
}

async function refresh() {
  try {
    const [{ body: policies }, { body: doors }, { now, body: clients }] =
      await Promise.all(['v1/policies', 'v1/doors', 'v1/clients'].map(get));
    showDocuments(policies);
    showDoors(doors, now);
    showClients(clients, now);
    const bad = policies.documents.filter(d => d.state !== 'accepted' && d.state !== 'expired').length;
    const unknown = policies.unknownKeys.length;
    summarize([
      `Mesh ${policies.mesh}`,
      `datacenter ${policies.datacenter || 'unknown'}`,
      count(policies.documents.length, 'document') + (bad ? `, ${bad} not accepted` : ''),
      ...(unknown ? [count(unknown, 'unknown key')] : []),
      count(clients.clients.length, 'client'),
      `hash ${policies.hash}`,
    ].join(' · '), '');
  } catch (error) {
    summarize(error.message, 'lost');
  }
  setTimeout(refresh, everyMs);
}

// The history of one document, as it was when it was opened: a rollback says so, and becomes a conflict when somebody
// has written meanwhile.
let opened = null;
const pathOf = (key, rest) => `v1/documents/${key.split('/').map(encodeURIComponent).join('/')}/${rest}`;
const element = id => document.querySelector(`#${id}`);

function tell(text, className) {
  element('outcome').className = className ?? '';
  element('outcome').textContent = text;
}

async function openHistory(key) {
  element('history').hidden = false;
  element('history-title').textContent = `History of ${key}`;
  element('diff').hidden = true;
  try {
    const { body } = await get(pathOf(key, 'history'));
    opened = { key, index: body.newest?.modifyIndex ?? 0 };
    tell(body.trouble ? `Revisions are not recorded now: ${body.trouble}` : '', 'lost');
    fill('revisions', body.entries.map(e => [
      [[e.at, 'age'], ...(e.inForce ? [['in force', 'badge accepted']] : [])],
      [[whoAndWhy(e.meta) || 'nobody said', 'quiet'], ...e.problems.map(problem)],
      [[revisionOf(e.revision), 'code revision']],
      [['Compare', 'compare', e.id], ...(e.inForce && body.state !== 'refused' ? [] : [['Roll back', 'rollback', e.id]])],
    ]), 'Nothing of it has been in force since this desk keeps histories.');
  } catch (error) {
    opened = null;
    fill('revisions', [], '');
    tell(error.message, 'lost');
  }
  element('history').scrollIntoView({ block: 'nearest' });
}

const lineClasses = { '-': 'taken', '+': 'put' };

async function compare(id) {
  try {
    const { body } = await get(pathOf(opened.key, `diff?from=${encodeURIComponent(id)}`));
    const diff = element('diff');
    diff.hidden = false;
    diff.replaceChildren(...body.text.map(text => {
      const line = document.createElement('span');
      line.textContent = text;
      line.className = lineClasses[text[0]] ?? '';
      return line;
    }));
    tell(body.changes.length
      ? `From ${body.from} to what is in force: ${body.changes.map(c => `${c.path || '/'} ${c.kind}`).join(', ')}`
      : 'They say the same.');
  } catch (error) {
    tell(error.message, 'lost');
  }
}

async function rollBack(to) {
  const form = element('rollback');
  if (!form.reportValidity()) {
    return;
  }
  const { by, why, token } = Object.fromEntries(new FormData(form));
  const { key, index } = opened;
  try {
    const answer = await fetch(pathOf(key, 'rollback'), {
      method: 'POST',
      body: JSON.stringify({ to, index, by, ...(why ? { why } : {}) }),
      headers: { 'Content-Type': 'application/json', ...(token ? { 'X-Consul-Token': token } : {}) },
      signal: AbortSignal.timeout(patienceMs),
    });
    const { detail } = await answer.json();
    if (answer.ok) {
      await openHistory(key);
    }
    tell(answer.ok ? `Rolled back to ${to}.` : detail, answer.ok ? '' : 'lost');
  } catch {
    tell('The desk does not answer; whether it was done is unknown.', 'lost');
  }
}

const actions = { history: openHistory, compare, rollback: rollBack };

document.addEventListener('click', event => {
  const { action, what } = event.target.dataset ?? {};
  actions[action]?.(what);
});
element('rollback').addEventListener('submit', event => event.preventDefault());
element('history-close').addEventListener('click', () => {
  element('history').hidden = true;
});

refresh();
