import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core'

const petrol: MantineColorsTuple = [
  '#eef6f9',
  '#dcebf1',
  '#b5d6e2',
  '#8abfd2',
  '#63a9c3',
  '#3f90ae',
  '#22799a',
  '#0d6885',
  '#0a546c',
  '#083f52',
]

const dark: MantineColorsTuple = [
  '#d5d9dd',
  '#b4bac0',
  '#8f979f',
  '#656d75',
  '#434a51',
  '#353b41',
  '#272c31',
  '#1d2125',
  '#16191c',
  '#0f1113',
]

const closeButtonProps = { 'aria-label': 'Close' }

export const theme = createTheme({
  respectReducedMotion: true,
  primaryColor: 'petrol',
  primaryShade: 7,
  autoContrast: true,
  colors: { petrol, dark },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  fontFamily:
    'ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace',
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.125rem' },
  lineHeights: { xs: '1.35', sm: '1.4', md: '1.45', lg: '1.5', xl: '1.5' },
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '1.375rem', lineHeight: '1.3' },
      h2: { fontSize: '1.0625rem', lineHeight: '1.35' },
      h3: { fontSize: '0.9375rem', lineHeight: '1.4' },
      h4: { fontSize: '0.875rem', lineHeight: '1.4' },
    },
  },
  components: {
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray' } },
    Badge: { defaultProps: { variant: 'light', radius: 'sm', tt: 'none', fw: 500 } },
    Button: { defaultProps: { size: 'sm' }, styles: { label: { fontWeight: 500 } } },
    Card: { defaultProps: { withBorder: true, padding: 'md' } },
    Drawer: { defaultProps: { position: 'right', closeButtonProps } },
    Loader: { defaultProps: { size: 'sm', role: 'status', 'aria-label': 'Loading' } },
    TableScrollContainer: { defaultProps: { scrollAreaProps: { viewportProps: { tabIndex: 0 } } } }, // by keyboard, too
    Modal: { defaultProps: { centered: true, closeButtonProps } },
    Notification: { defaultProps: { closeButtonProps } },
    Paper: { defaultProps: { withBorder: true } },
    Table: { defaultProps: { verticalSpacing: 6 } },
    Tooltip: { defaultProps: { openDelay: 200, multiline: true, maw: 320 } },
  },
})

/** Contrast that the defaults miss: secondary text, errors and placeholders at AA on every surface. */
export const variables: CSSVariablesResolver = (theme) => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': theme.colors.gray[7],
    '--mantine-color-error': theme.colors.red[9],
    '--mantine-color-placeholder': theme.colors.gray[6],
    '--mantine-color-disabled-color': theme.colors.gray[6],
    '--mantine-color-default-border': theme.colors.gray[3],
    '--ceap-surface': '#f7f8f9',
  },
  dark: {
    '--mantine-color-dimmed': theme.colors.dark[1],
    '--mantine-color-error': theme.colors.red[4],
    '--mantine-color-placeholder': theme.colors.dark[2],
    '--mantine-color-disabled-color': theme.colors.dark[2],
    '--mantine-color-body': theme.colors.dark[8],
    '--ceap-surface': theme.colors.dark[9],
  },
})
