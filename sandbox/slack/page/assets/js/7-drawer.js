/* The drawer: inspector and faults */

async function openDrawer(name) {
  drawer = name
  sessionStorage.setItem('drawer', name)
  for (const button of $$('[data-drawer]')) button.setAttribute('aria-expanded', button.dataset.drawer === name)
  const box = $('#drawer')
  box.hidden = !name
  const content = name && await piece(`${app.dataset.base}/${name}`) || ''
  if (drawer !== name) return // another was opened meanwhile
  box.replaceChildren(content)
  box.ariaLabel = name
  const scroller = $('#log-scroll')
  if (scroller) watchScroll(scroller)
  listen()
}

// filter hides a row of the log that the user does not want to see.
function filter(row) {
  const text = $('#filter').value.toLowerCase()
  const kind = { event: 'event', interaction: 'event', command: 'event', call: 'call' }[row.dataset.kind] ?? 'other'
  row.hidden = !row.textContent.toLowerCase().includes(text) || !$(`#drawer input[value="${kind}"]`).checked ||
    $('#drawer [name="bad"]').checked && !row.classList.contains('bad')
}

async function fault(button) {
  const scope = button.closest('[data-scope]'), { fault: action, name, panel, button: index, id } = button.dataset
  await post(`/faults/${action}`, {
    fault: name, target: scope && $('[name="target"]', scope).value, times: scope && $('[name="times"]', scope).value,
    panel: Number(panel ?? 0), button: Number(index ?? 0), id: Number(id ?? 0),
  })
  const fresh = await piece(`${app.dataset.base}/faults`)
  if (fresh && $('#injected')) refresh($('#injected'), $('#injected', fresh))
  listen() // changes meanwhile may be newer than this: they are sent again
}
