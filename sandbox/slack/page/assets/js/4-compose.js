/* Writing */

const draftKey = form => `draft ${app.dataset.base} ${form.dataset.channel} ${form.dataset.thread}`
const keepDrafts = () => $$('form[data-compose]').forEach(form => {
  if (form.text.value) sessionStorage.setItem(draftKey(form), form.text.value)
  else sessionStorage.removeItem(draftKey(form))
})
const restoreDrafts = () => $$('form[data-compose]').forEach(form => {
  if (!form.text.value) form.text.value = sessionStorage.getItem(draftKey(form)) ?? ''
  ready(form)
})
const ready = form => {
  const send = $('.send', form)
  if (send) send.disabled = !form.text.value.trim() && !form.file.files.length && !form.cells
}

// send sends what is in the composer, and more files and fields.
async function send(form, more) {
  const text = form.text.value, broadcast = form.broadcast?.checked ?? false, { channel, thread } = form.dataset, { cells } = form
  if (!text.trim() && !form.file.files.length && !cells && !more) return
  let sent
  if (form.file.files.length || more) {
    const data = new FormData(form)
    for (const [name, value] of Object.entries({ channel, thread, broadcast })) data.set(name, value)
    for (const [name, value] of more ?? []) data.append(name, value)
    if (cells) data.set('table', JSON.stringify(cells))
    sent = post(`${app.dataset.base}/upload`, data)
  } else sent = act('say', { channel, thread, text, broadcast, table: cells })
  form.text.value = ''
  form.file.value = ''
  form.cells = null
  showFiles(form)
  keepDrafts()
  const worked = await sent
  if (!worked && !form.text.value) form.text.value = text
  if (!worked && cells) { form.cells = cells; showFiles(form) }
  if (worked && !thread && unfinished()) latest() // the author wants to see it
  if (form.broadcast) form.broadcast.checked = false
  ready(form)
}

// showFiles lists the chosen files and the pasted cells.
function showFiles(form) {
  const box = $('.chosen', form)
  const label = file => Object.assign(document.createElement('span'), { className: 'label', textContent: file.name })
  box.replaceChildren(...[...form.file.files].map(label))
  if (form.cells) {
    box.append(parse('<button type="button" data-discard title="Remove the table"></button>'))
    box.lastChild.textContent = `Table, ${form.cells.length} × ${Math.max(...form.cells.map(row => row.length))} ✕`
  }
  box.hidden = !box.children.length
  ready(form)
}

// save changes the text of a message.
async function save(form) {
  const message = form.closest('.message')
  if (await act('edit', { channel: message.dataset.channel, ts: message.dataset.ts, text: form.text.value })) closeEditor(message)
}

function openEditor(message) {
  if (!message?.dataset.raw || $('.editor', message)) return
  const form = spare('spare-editor')
  form.text.value = message.dataset.raw
  $('.body', message).hidden = true
  $('.body', message).after(form)
  form.text.focus()
  form.text.setSelectionRange(form.text.value.length, form.text.value.length)
}

function closeEditor(message) {
  const { successor } = message
  $('.editor', message)?.remove()
  $('.body', message).hidden = false
  delete message.successor
  if (successor) refresh(message, successor)
  $('.row', message).focus()
}

/* Completions */

let completing // the text area, and the start of the word in it
let candidates = [], emoji = [], learned = 0
const completions = $('#completions')

// learn fetches the candidates for this place, which may have changed.
async function learn() {
  if (Date.now() - learned < 3000) return
  learned = Date.now()
  const list = async url => [...(await piece(url))?.children ?? []]
  if (!emoji.length) emoji = await list(app.dataset.emojiList)
  candidates = await list(`${app.dataset.base}/complete?${new URLSearchParams({ channel: app.dataset.channel })}`)
  const area = document.activeElement
  if (area.matches('form.write textarea') && !completing) complete(area) // typed meanwhile
}

// named returns the candidates with a word that begins with the text.
const named = (all, text, most) => {
  const found = []
  for (const li of all) {
    if (found.length < most && li.dataset.names.split(' ').some(name => name.startsWith(text))) found.push(li)
  }
  return found
}

function complete(area) {
  const before = area.value.slice(0, area.selectionStart)
  const match = /^(\/)(\S*)$/.exec(before) ?? /(?:^|[\s(])([@#])([\p{L}\p{N}._-]*)$/u.exec(before) ?? /(?:^|[\s(])(:)([a-z0-9_+-]{2,})$/.exec(before)
  if (!match || area.closest('.editor')) return closeCompletions()
  const [, sign, text] = match
  const found = sign === ':' ? named(emoji, text, 8) : named(candidates.filter(li => li.dataset.sign === sign), text.toLowerCase(), 8)
  if (!found.length) return closeCompletions()
  completions.replaceChildren(...found.map((li, i) => Object.assign(li.cloneNode(true), { id: `completion-${i}` })))
  completing = { area, start: before.length - sign.length - text.length }
  completions.hidden = false
  const box = area.closest('.write').getBoundingClientRect()
  completions.style.left = `${Math.max(8, Math.min(box.left, innerWidth - completions.offsetWidth - 8))}px`
  completions.style.top = `${Math.max(8, box.top - completions.offsetHeight - 4)}px`
  area.setAttribute('aria-expanded', 'true')
  select(0)
}

function select(index) {
  const all = [...completions.children]
  all.forEach((li, i) => li.setAttribute('aria-selected', i === (index + all.length) % all.length))
  completing.area.setAttribute('aria-activedescendant', $('[aria-selected="true"]', completions).id)
}

function choose(li) {
  const { area, start } = completing
  area.setRangeText(li.dataset.insert + ' ', start, area.selectionStart, 'end')
  closeCompletions()
  area.focus()
  ready(area.form)
}

function closeCompletions() {
  completions.hidden = true
  completing?.area.setAttribute('aria-expanded', 'false')
  completing?.area.removeAttribute('aria-activedescendant')
  completing = null
}

// completionKey handles a key while completions are shown; it returns whether it did.
function completionKey(event) {
  const all = [...completions.children], at = all.findIndex(li => li.getAttribute('aria-selected') === 'true')
  switch (event.key) {
    case 'ArrowDown': select(at + 1); break
    case 'ArrowUp': select(at - 1); break
    case 'Enter': case 'Tab': choose(all[at]); break
    case 'Escape': closeCompletions(); break
    default: return false
  }
  event.preventDefault()
  return true
}
