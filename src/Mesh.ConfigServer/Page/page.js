'use strict';

// Everything shown goes through textContent: documents and reports are written by others.
function row(cells) {
  const tr = document.createElement('tr');
  for (const [text, className] of cells) {
    const td = document.createElement('td');
    td.textContent = text;
    if (className) {
      td.className = className;
    }
    tr.append(td);
  }
  return tr;
}

const short = revision => revision ? `${revision.datacenter}@${revision.modifyIndex}#${revision.hash}` : 'none';
const problem = p => `${p.path || '/'}: ${p.message}`;
const fill = (id, rows) => document.querySelector(`#${id} tbody`).replaceChildren(...rows);

function showDocuments(list) {
  fill('documents', [
    ...list.documents.map(d => row([
      [d.key, 'code'],
      [d.state, d.state],
      [short(d.revision), 'code'],
      [short(d.lastGood), 'code'],
      [[d.meta?.by ?? d.meta?.owner, d.meta?.why, d.meta?.ticket].filter(Boolean).join(', ')],
      [[...d.problems, ...d.ignored].map(problem).join('\n')],
    ])),
    ...list.unknownKeys.map(p => row([[p.path, 'code'], ['unknown key', 'refused'], [''], [''], [''], [p.message]])),
  ]);
}

function showClients(list) {
  const now = Date.now();
  fill('clients', list.clients.map(({ lastSeen, report }) => row([
    [report.service],
    [report.instance, 'code'],
    [report.source],
    [report.hash ?? '', 'code'],
    [report.documents.filter(d => d.state !== 'applied').map(d => `${d.key}: ${d.state}`).join('\n')],
    [`${Math.max(0, Math.round((now - Date.parse(lastSeen)) / 1000))} s ago`],
  ])));
}

async function get(path) {
  const answer = await fetch(path, { cache: 'no-store' });
  if (!answer.ok) {
    throw new Error((await answer.json().catch(() => ({}))).detail ?? `${path}: ${answer.status}`);
  }
  return answer.json();
}

async function refresh() {
  const summary = document.querySelector('#summary');
  try {
    const [policies, clients] = await Promise.all([get('v1/policies'), get('v1/clients')]);
    showDocuments(policies);
    showClients(clients);
    const refused = policies.documents.filter(d => d.state !== 'accepted').length;
    summary.textContent = `Mesh ${policies.mesh}, datacenter ${policies.datacenter || 'unknown'}, hash ${policies.hash}: ` +
      `${policies.documents.length} documents, ${refused} not accepted, ${clients.clients.length} clients`;
    summary.className = '';
  } catch (error) {
    summary.textContent = `The desk does not answer: ${error.message}`;
    summary.className = 'lost';
  }
  setTimeout(refresh, 2000);
}

refresh();
