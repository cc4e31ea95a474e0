// Sets the colour scheme before the first paint. Assets are cached for ever: change it, change its number.
{
  const choice = localStorage.getItem('mantine-color-scheme-value')
  const dark = choice === 'dark' || (choice !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.dataset.mantineColorScheme = dark ? 'dark' : 'light'
  document.documentElement.style.background = dark ? '#16191c' : '#ffffff'
}
