// The page's script, one module in several files. It inserts pieces of HTML and
// sends the user's actions to the server. It knows nothing about their meaning.

const $ = (selector, root = document) => root.querySelector(selector)
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)]
const app = $('#app')
const spare = id => document.getElementById(id).content.firstElementChild.cloneNode(true)
const parse = html => {
  const template = document.createElement('template')
  template.innerHTML = html
  return template.content
}

// piece fetches a piece of the page: null if it no longer exists, undefined (with
// a note for the user) if the server cannot be reached.
async function piece(url) {
  try {
    const answer = await fetch(url), html = await answer.text()
    return answer.ok ? parse(html) : null
  } catch { note(unreachable) }
}

/* The user's actions */

// post sends an action and follows the server's answer; it returns whether it worked.
async function post(path, args) {
  try {
    const answer = await fetch(path, {
      method: 'POST',
      headers: args instanceof FormData ? {} : { 'Content-Type': 'application/json' },
      body: args instanceof FormData ? args : JSON.stringify(args),
    })
    const { go: target, error } = await answer.json()
    if (error) note(error)
    if (target) await go(target)
    return !error
  } catch {
    note(unreachable)
    return false
  }
}
const unreachable = 'The workspace does not answer. Is it still running?'
const act = (action, args) => post(`${app.dataset.base}/do/${action}`, args)

// note shows a sentence for a while. A repeated one is shown only once.
function note(text) {
  if ($$('#notes span').some(said => said.textContent === text)) return
  const box = parse('<div><span></span><button type="button" class="round" aria-label="Dismiss">✕</button></div>').firstChild
  box.firstChild.textContent = text
  box.lastChild.onclick = () => box.remove()
  $('#notes').append(box)
  setTimeout(() => box.remove(), 8000)
}
