/* Passkeys: join the forms to allauth's scripts where the browser has passkeys, and say in place what failed. */
document.addEventListener('DOMContentLoaded', () => {
  if (!window.PublicKeyCredential) return
  for (const part of document.querySelectorAll('[data-passkey]')) part.hidden = part.dataset.passkey === 'none'
  for (const form of document.querySelectorAll('form[data-passkey]')) {
    const button = form.querySelector('button').id
    const ids = { add: button, authenticate: button, login: button, credential: form.elements.credential.id }
    if (form.dataset.passkey !== 'login') ids.data = 'js_data'
    if (form.elements.passwordless) ids.passwordless = form.elements.passwordless.id
    window.allauth.webauthn.forms[`${form.dataset.passkey}Form`]({ ids })
  }
})

document.addEventListener('allauth.error', (event) => {
  event.preventDefault()
  const error = document.querySelector('[data-passkey-error]')
  error.hidden = false
  error.focus()
})
