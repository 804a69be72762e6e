/* Forwarding, pasted tables, snippets and clips */

async function forward(at) {
  const dialog = spare('spare-forward')
  if (await ask(dialog) === 'yes') act('forward', { ...at, to: $('[name="to"]', dialog).value, comment: $('[name="comment"]', dialog).value })
}

// attach asks for a snippet or a clip, and sends it with the composer's text.
async function attach(form, kind) {
  const dialog = spare(`spare-${kind}`), more = new FormData()
  if (await ask(dialog) !== 'yes') return
  for (const field of $$('[name]', dialog)) {
    for (const value of field.files ?? [field.value]) more.append(field.name, value)
  }
  send(form, more)
}

// pastedCells returns the rows of a table in the clipboard, or nothing.
function pastedCells(clipboard) {
  const table = $('table', parse(clipboard.getData('text/html')))
  if (table) return [...table.rows].map(row => [...row.cells].map(cell => cell.textContent.trim()))
  const lines = clipboard.getData('text/plain').replace(/\r?\n$/, '').split(/\r?\n/)
  if (lines.every(line => line.includes('\t'))) return lines.map(line => line.split('\t'))
}
